using Akka.Actor;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BundleCopier.Hosting;

/// <summary>
/// The one bundle copier of an actor system: its engine with the settings of the application. It is an extension of the
/// system, so that the actor and the service are the same copier.
/// </summary>
internal sealed class HostedCopier : IBundleCopier, IExtension
{
    private readonly ActorSystem system;
    private readonly CopyEngine engine;
    private readonly CopyLog log;
    private readonly CopierHealth health = new();

    private HostedCopier(ActorSystem system, IServiceProvider services, CopierSetup setup)
    {
        this.system = system;
        BundleCopierOptions options = services.GetService<IOptions<BundleCopierOptions>>()?.Value ?? new();
        setup.Configure?.Invoke(options);
        IConfigurationSection? section = options.Section
            ?? services.GetService<IConfiguration>()?.GetSection(BundleCopierOptions.SectionName);
        Parsed<LayeredSettings> read = LayeredSettings.Read(
            system.Settings.Config,
            "the actor system's configuration",
            ValuesOf(section),
            section?.Path ?? BundleCopierOptions.SectionName,
            options.Apply,
            options.ApplyToEngine);
        if (!read.IsOk)
            throw new InvalidOperationException(read.Error.ToString());
        Settings = new BundleCopierSettings(read.Value);
        engine = new CopyEngine(system, Settings.Engine);
        if (Settings.Engine.IsArmed && engine.Arm(Settings.Copy) is { } refusal)
            throw new InvalidOperationException($"bundle-copier.engine.armed is on. {refusal.Message}");
        ILogger logger =
            services.GetService<ILoggerFactory>()?.CreateLogger(LogEvents.Category) ?? NullLogger.Instance;
        log = new CopyLog(logger);
        LogEvents.Ready(logger, Settings);
    }

    public BundleCopierSettings Settings { get; }

    /// <summary>The copier of a system, made at the first call.</summary>
    /// <exception cref="InvalidOperationException">A setting is not valid, or the system has no copier.</exception>
    public static HostedCopier Of(ActorSystem system, IServiceProvider services)
    {
        CopierSetup setup = system.Settings.Setup.Get<CopierSetup>().GetOrElse(null!)
            ?? throw new InvalidOperationException(
                $"The actor system \"{system.Name}\" has no bundle copier. Call WithBundleCopier on the builder of "
                + "AddAkka.");
        return (HostedCopier)system.RegisterExtension(new Id(services, setup));
    }

    public EngineState State => engine.State;

    public HealthCheckResult Health => health.Check(system, State);

    /// <summary>The copier of a system; null where none has been made.</summary>
    public static HostedCopier? Find(ActorSystem system) =>
        system.TryGetExtension(out HostedCopier found) ? found : null;

    public IRunningCopy Start(BundleManifest manifest, CancellationToken stop = default) =>
        Start(manifest, Settings.Copy, stop);

    public IRunningCopy Start(BundleManifest manifest, CopySettings settings, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        log.Started(manifest);
        return new RunningCopy(
            manifest,
            (progress, ending) => WatchedAsync(manifest, engine.CopyAsync(manifest, settings, progress, ending)),
            stop);
    }

    public Task<CopyResult> CopyAsync(CopyBundle ask)
    {
        log.Started(ask.Manifest);
        return WatchedAsync(
            ask.Manifest, engine.CopyAsync(ask.Manifest, ask.Settings ?? Settings.Copy, ask.Progress, ask.Stop));
    }

    // Health and log know the end of a copy before its caller does.
    private async Task<CopyResult> WatchedAsync(BundleManifest manifest, Task<CopyResult> copy)
    {
        try
        {
            return await copy.ConfigureAwait(false);
        }
        finally
        {
            health.Ended(copy);
            log.Ended(manifest, copy);
        }
    }

    // IConfiguration's own binder would need reflection. A section has no value of its own where it has children.
    private static IEnumerable<KeyValuePair<string, string>> ValuesOf(IConfigurationSection? section) =>
        section?.AsEnumerable(makePathsRelative: true)
            .Where(static pair => !string.IsNullOrEmpty(pair.Key) && pair.Value is not null)
            .Select(static pair => new KeyValuePair<string, string>(pair.Key, pair.Value!)) ?? [];

    private sealed class Id(IServiceProvider services, CopierSetup setup) : ExtensionIdProvider<HostedCopier>
    {
        public override HostedCopier CreateExtension(ExtendedActorSystem system) => new(system, services, setup);
    }
}
