using Akka.Actor.Setup;

namespace BundleCopier.Hosting;

/// <summary>Marks an actor system that has a bundle copier, and brings its options there.</summary>
internal sealed class CopierSetup(Action<BundleCopierOptions>? configure) : Setup
{
    public Action<BundleCopierOptions>? Configure => configure;
}
