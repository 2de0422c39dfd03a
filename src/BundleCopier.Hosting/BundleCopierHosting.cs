using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Hosting;
using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>Adds the bundle copier to an application's actor system.</summary>
public static class BundleCopierHosting
{
    /// <summary>
    /// Starts the bundle copier with the actor system and registers it under <see cref="BundleCopierKey"/>. Send it a
    /// <see cref="CopyBundle"/>. Its settings are those below <c>bundle-copier</c> in the system's configuration, those
    /// of the application's <c>IConfiguration</c>, and those of the options. An invalid setting stops the application
    /// at its start, not when the first process has crashed: an <see cref="InvalidOperationException"/> names the
    /// setting.
    /// <para>
    /// With <see cref="BundleCopierServices.AddBundleCopier"/> as well, <see cref="IBundleCopier"/> is the same copier.
    /// </para>
    /// </summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="configure">Changes the options; null leaves them.</param>
    public static AkkaConfigurationBuilder WithBundleCopier(
        this AkkaConfigurationBuilder builder,
        Action<BundleCopierOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddHocon(ReferenceConfig.Value, HoconAddMode.Append)
            .AddSetup(new CopierSetup(configure))
            .WithActors(static (system, registry, resolver) =>
                registry.Register<BundleCopierKey>(Start(system, resolver)));
    }

    private static IActorRef Start(ActorSystem system, IDependencyResolver resolver)
    {
        HostedCopier copier = HostedCopier.Of(system, resolver.GetService<IServiceProvider>());
        Producer producer = new(() => new BundleCopierActor(copier));
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
