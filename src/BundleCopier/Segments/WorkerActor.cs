using Akka.Actor;
using BundleCopier.Actors;

namespace BundleCopier.Segments;

/// <summary>The three kinds of workers.</summary>
internal enum WorkerKind
{
    Reader,
    Compressor,
    Writer,
}

/// <summary>A worker has met a bug and stops. The supervisor gets this before it hears of the stop.</summary>
/// <param name="Kind">Which kind of worker.</param>
/// <param name="Number">Its number.</param>
/// <param name="InHand">The job that it worked on; null where it worked on none.</param>
/// <param name="Bug">What was thrown.</param>
internal sealed record WorkerFailed(WorkerKind Kind, int Number, SegmentJob? InHand, Exception Bug)
    : INoSerializationVerificationNeeded;

/// <summary>
/// A reader, compressor or writer: takes its thread's place among others before each message, and turns a bug into a
/// message. The bug must not reach Akka on this thread: Akka would start the log from here, and a thread that is
/// started inherits the low priority of the one that starts it (clone(2)).
/// </summary>
internal abstract class WorkerActor(WorkerKind kind, int number, ThreadPlace place) : UntypedActor
{
    private bool hasFailed;

    /// <summary>The job that is being worked on, for the report of a bug.</summary>
    protected abstract SegmentJob? InHand { get; }

    protected int Number => number;

    /// <summary>The actor has stopped: what its thread still does for it must do nothing.</summary>
    protected bool IsStopped { get; private set; }

    /// <summary>Takes the place of the calling thread among others; for work outside of the mailbox.</summary>
    protected void TakePlace() => place.Take();

    protected override void PostStop() => IsStopped = true;

    protected sealed override void OnReceive(object message)
    {
        if (hasFailed)
            return;
        try
        {
            place.Take();
            if (!Handle(message))
                Unhandled(message);
        }
#pragma warning disable CA1031 // A bug may be anything.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            hasFailed = true;
            Context.Parent.Tell(new WorkerFailed(kind, number, InHand, bug));
            Context.Stop(Self);
        }
    }

    /// <summary>Works on a message; false when it is not one of this worker's.</summary>
    protected abstract bool Handle(object message);
}
