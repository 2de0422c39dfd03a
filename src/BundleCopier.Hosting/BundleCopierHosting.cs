using Akka.Actor;
using Akka.Hosting;
using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>Puts the bundle copier into an application's actor system.</summary>
public static class BundleCopierHosting
{
    /// <summary>
    /// Starts the bundle copier with the actor system and registers it under <see cref="BundleCopierKey"/>; send it a
    /// <see cref="CopyBundle"/>. Its settings are those under <c>bundle-copier</c> in the system's configuration. A setting
    /// that is not valid stops the application at start, with an <see cref="InvalidOperationException"/> that names it: a
    /// collector must not find out about it when something has crashed.
    /// </summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="settings">Settings that take the place of the configuration's; null to use those.</param>
    public static AkkaConfigurationBuilder WithBundleCopier(this AkkaConfigurationBuilder builder, CopySettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddHocon(ReferenceConfig.Value, HoconAddMode.Append)
            .WithActors((system, registry) => registry.Register<BundleCopierKey>(Start(system, settings)));
    }

    private static IActorRef Start(ActorSystem system, CopySettings? settings)
    {
        Parsed<CopySettings> read = settings is null
            ? SettingsReader.Read(system.Settings.Config, "the actor system's configuration")
            : settings.Problem("the settings given to WithBundleCopier") is { } problem ? problem : settings;
        if (!read.IsOk)
            throw new InvalidOperationException(read.Error.ToString());
        CopyEngine engine = new(system);
        CopySettings chosen = read.Value;
        return system.ActorOf(Props.CreateBy(new Producer(() => new BundleCopierActor(engine, chosen))), "bundle-copier");
    }

    // A plain delegate, so that trimming has nothing to miss.
    private sealed class Producer(Func<BundleCopierActor> make) : IIndirectActorProducer
    {
        public Type ActorType => typeof(BundleCopierActor);

        public ActorBase Produce() => make();

        public void Release(ActorBase actor)
        {
            // Nothing is pooled.
        }
    }
}
