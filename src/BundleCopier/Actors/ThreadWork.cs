using Akka.Actor;
using Akka.Dispatch;

namespace BundleCopier.Actors;

/// <summary>A turn of a <see cref="WorkThread"/> that is no message of an actor.</summary>
/// <param name="action">What it does.</param>
/// <param name="actor">The actor that it works for gets the bug that it meets; null for work of no actor.</param>
internal sealed class ThreadWork(Action action, IActorRef? actor = null) : IRunnable
{
    public void Run() => _ = TryRun();

    public void Execute() => Run();

    /// <summary>Runs the turn. False when it has met a bug, and the actor knows it.</summary>
    public bool TryRun()
    {
        if (actor is null)
        {
            action();
            return true;
        }

        try
        {
            action();
            return true;
        }
#pragma warning disable CA1031 // A bug may be anything.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            actor.Tell(new WorkFailed(bug));
            return false;
        }
    }
}

/// <summary>To an actor, from its own thread: a bug, met outside of its mailbox.</summary>
internal sealed record WorkFailed(Exception Bug) : INoSerializationVerificationNeeded
{
    /// <summary>Throws the bug, as if the actor had met it in its mailbox.</summary>
    public void Throw() => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Bug);
}
