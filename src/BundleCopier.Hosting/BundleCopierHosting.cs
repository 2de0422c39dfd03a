using Akka.Actor;
using Akka.Hosting;
using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>Adds the bundle copier to an application's actor system.</summary>
public static class BundleCopierHosting
{
    /// <summary>
    /// Starts the bundle copier with the actor system and registers it under <see cref="BundleCopierKey"/>. Send it a
    /// <see cref="CopyBundle"/>. Its settings are those below <c>bundle-copier</c> in the system's configuration. An
    /// invalid setting stops the application at its start, not when the first process has crashed: an
    /// <see cref="InvalidOperationException"/> names the setting.
    /// </summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="settings">The settings; null for those of the configuration.</param>
    public static AkkaConfigurationBuilder WithBundleCopier(
        this AkkaConfigurationBuilder builder,
        CopySettings? settings = null)
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
        Producer producer = new(() => new BundleCopierActor(engine, chosen));
        return system.ActorOf(Props.CreateBy(producer), "bundle-copier");
    }

    // A delegate instead of Props.Create, which finds the constructor by reflection; trimming would remove it.
    private sealed class Producer(Func<BundleCopierActor> make) : IIndirectActorProducer
    {
        public Type ActorType => typeof(BundleCopierActor);

        public ActorBase Produce() => make();

        public void Release(ActorBase actor)
        {
            // Nothing to release.
        }
    }
}
