using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Hosting.Logging;
using BundleCopier.Input;
using BundleCopier.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BundleCopier.Hosting;

/// <summary>
/// Starts the copier with the application, and ends it with the application. It uses the application's actor system
/// where there is one (<c>AddAkka</c>), and its own otherwise.
/// </summary>
internal sealed class BundleCopierService : IHostedService, IAsyncDisposable
{
    private readonly IServiceProvider services;
    private readonly Lazy<HostedCopier> copier;
    private ActorSystem? own;

    public BundleCopierService(IServiceProvider services)
    {
        this.services = services;
        copier = new Lazy<HostedCopier>(Make);
    }

    public HostedCopier Copier => copier.Value;

    // An invalid setting stops the application here, not when the first process has crashed.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Copier;
        return Task.CompletedTask;
    }

    // Copies stop as if they were cancelled, and what is complete is committed.
    public Task StopAsync(CancellationToken cancellationToken) => EndAsync();

    public async ValueTask DisposeAsync() => await EndAsync().ConfigureAwait(false);

    private HostedCopier Make() =>
        HostedCopier.Of(services.GetService<ActorSystem>() ?? (own = NewSystem()), services);

    private Task EndAsync() => own?.Terminate() ?? Task.CompletedTask;

    // Akka makes the logger by the name of its type; without this line the trimmer would remove it.
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(LoggerFactoryLogger))]
    private ActorSystem NewSystem()
    {
        string? hocon = services.GetRequiredService<IOptions<BundleCopierOptions>>().Value.Hocon;
        Parsed<Config> given = SettingsReader.ParseText(hocon ?? "", $"{nameof(BundleCopierOptions)}.Hocon");
        if (!given.IsOk)
            throw new InvalidOperationException(given.Error.ToString());
        Config config = given.Value.WithFallback(ReferenceConfig.Value);
        Setup[] setups = [new CopierSetup(null)];
        if (services.GetService<ILoggerFactory>() is { } loggers)
        {
            setups = [.. setups, new LoggerFactorySetup(loggers)];
            config = ConfigurationFactory
                .ParseString($"akka.loggers = [\"{typeof(LoggerFactoryLogger).AssemblyQualifiedName}\"]")
                .WithFallback(config);
        }

        ActorSystemSetup setup = ActorSystemSetup.Create([BootstrapSetup.Create().WithConfig(config), .. setups]);
        return ActorSystem.Create("bundle-copier", setup);
    }
}
