using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Govern;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Write;

/// <summary>
/// One writer. Where writes overlap, its thread looks after the flights between two messages; otherwise it waits for
/// one write a message. It tells the supervisor what has settled, several segments at a time.
/// </summary>
internal sealed class WriterActor(
    int number, CopyOptions options, IKernel kernel, IoBoard board, ThreadPlace place, ZeroFrames? zeros)
    : WorkerActor(WorkerKind.Writer, number, place), IWithTimers
{
    private readonly WriteScheduler core = new(options, kernel, board, zeros);
    private WriteFlights? flights;
    private IActorRef self = ActorRefs.Nobody;
    private IActorRef supervisor = ActorRefs.Nobody;
    private int following;
    private bool isLooking;
    private bool isTurnDue;
    private bool isTimerSet;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SegmentJob? InHand => core.InHand;

    protected override void PreStart()
    {
        (self, supervisor) = (Self, Context.Parent);
        if (kernel.OverlapsWrites
            && kernel.OpenWriteQueue(WriteFlights.QueueDepth, WorkThread.Current?.Signal) is { } queue)
            core.Overlap(flights = new WriteFlights(queue, kernel, board));
    }

    protected override bool Handle(object message)
    {
        switch (message)
        {
            case WriteSegments ask:
                following = ask.Following;
                core.Add(ask.Jobs);
                Advance(wait: false);
                break;
            case WriteOn:
                isTurnDue = false;
                // Where others share the thread, only this actor can look for the ends of its writes: it waits for one.
                Advance(wait: WorkThread.Current is null);
                break;
            case StopWriting:
                Advance(wait: false);
                break;
            case RateWaited:
                isTimerSet = false;
                Advance(wait: false);
                break;
            case LookFailed failed:
                throw new InvalidOperationException("A write that ended could not be taken in.", failed.Bug);
            default:
                return false;
        }

        return true;
    }

    // The supervisor takes leases back when it knows of the end, and so after the last write from them.
    protected override void PostStop()
    {
        if (isLooking)
            WorkThread.Current?.StopLooking();
        if (flights is null)
            return;
        // io_destroy(2) takes 30 ms (measured); nothing needs to wait for it, unless a write is still in flight.
        if (flights.Count > 0)
            flights.Dispose();
        else
            WorkThread.GiveBackLater(flights);
    }

    private void Advance(bool wait)
    {
        core.Advance(wait);
        Report();
        WaitForRate();
        bool hasFlights = core.Flights > 0;
        if (WorkThread.Current is { } thread)
            Look(thread, hasFlights);
        else if (hasFlights)
            TakeAnotherTurn();
        if (core.HasBlockingWork)
            TakeAnotherTurn();
    }

    // A running timer is kept: to start one anew for each look would allocate 600 bytes each time (measured).
    private void WaitForRate()
    {
        if (core.WaitMs == 0 || isTimerSet)
            return;
        isTimerSet = true;
        Timers.StartSingleTimer(
            nameof(RateWaited), RateWaited.Instance, TimeSpan.FromMilliseconds(core.WaitMs));
    }

    private void TakeAnotherTurn()
    {
        if (isTurnDue)
            return;
        isTurnDue = true;
        self.Tell(WriteOn.Instance);
    }

    private void Look(WorkThread thread, bool isWanted)
    {
        if (isWanted == isLooking)
            return;
        isLooking = isWanted;
        if (isWanted)
            thread.LookBetweenMessages(LookFromThread);
        else
            thread.StopLooking();
    }

    // Between two messages, on the thread of this actor. An exception is sent to the actor as a message.
    private void LookFromThread()
    {
        try
        {
            Advance(wait: false);
        }
#pragma warning disable CA1031 // A bug may be anything.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            isLooking = false;
            WorkThread.Current?.StopLooking();
            self.Tell(new LookFailed(bug));
        }
    }

    private void Report()
    {
        if (core.IsReportDue(following))
            supervisor.Tell(new SegmentsSettled(Number, core.TakeSettled(), core.IsDry), self);
    }

    /// <summary>To itself: go on writing.</summary>
    private sealed record WriteOn
    {
        public static WriteOn Instance { get; } = new();
    }

    /// <summary>To itself: the rate lets the next write begin.</summary>
    private sealed record RateWaited
    {
        public static RateWaited Instance { get; } = new();
    }

    /// <summary>To itself: a bug, met between two messages.</summary>
    private sealed record LookFailed(Exception Bug);
}
