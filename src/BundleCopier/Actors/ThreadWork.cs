using Akka.Dispatch;

namespace BundleCopier.Actors;

/// <summary>A turn of a <see cref="WorkThread"/> that is no message of an actor.</summary>
internal sealed class ThreadWork(Action action) : IRunnable
{
    public void Run() => action();

    public void Execute() => action();
}
