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
/// one write a turn. It writes outside of its mailbox, so that it can be stopped while a write hangs. It tells the
/// supervisor what has settled, several segments at a time.
/// </summary>
internal sealed class WriterActor(
    int number,
    CopyOptions options,
    IKernel kernel,
    IoBoard board,
    ThreadPlace place,
    ZeroFrames? zeros,
    CommitRecord commit,
    CallWatch watch)
    : WorkerActor(WorkerKind.Writer, number, place), IWithTimers
{
    private readonly WriteScheduler core = new(options, kernel, board, zeros, watch.Pulse);
    private readonly Queue<WriteSegments> inbox = new();
    private WriteFlights? flights;
    private IActorRef self = ActorRefs.Nobody;
    private IActorRef supervisor = ActorRefs.Nobody;
    private WorkThread? thread;
    private ThreadWork? look;
    private int following;
    private bool isLooking;
    private bool isTurnDue;
    private bool isTimerSet;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SegmentJob? InHand => core.InHand;

    protected override void PreStart()
    {
        watch.Attach(Self);
        (self, supervisor, thread) = (Self, Context.Parent, WorkThread.Current);
        look = new ThreadWork(() => Advance(wait: false), Self);
        if (kernel.OverlapsWrites
            && kernel.OpenWriteQueue(WriteFlights.QueueDepth, thread?.Signal) is { } queue)
            core.Overlap(flights = new WriteFlights(queue, kernel, board));
    }

    protected override bool Handle(object message)
    {
        switch (message)
        {
            case WriteSegments ask:
                inbox.Enqueue(ask);
                break;
            case WriteOn:
                isTurnDue = false;
                // Where others share the thread, only this actor can look for the ends of its writes: it waits for one.
                Advance(wait: true);
                return true;
            case StopWriting:
                break;
            case RateWaited:
                isTimerSet = false;
                break;
            case WorkFailed failed:
                failed.Throw();
                break;
            default:
                return false;
        }

        if (thread is null)
            Advance(wait: false);
        else
            Look(isWanted: true);
        return true;
    }

    // The supervisor takes leases back when it knows of the end, and so after the last write from them. A copy that is
    // given up waits for no write; the memory stays as long as the kernel may read from it.
    protected override void PostStop()
    {
        base.PostStop();
        if (isLooking)
            thread?.StopLooking();
        if (flights is null)
            return;
        if (commit.IsGivenUp)
        {
            IDisposable left = commit.Hold(flights);
            if (!watch.TryLeave(left))
                WorkThread.DisposeElsewhere(left);
        }
        else if (flights.Count > 0)
        {
            // It waits for the writes. The supervisor sees that, and gives the copy up where the disk does not answer.
            if (!options.DyingWriterLeavesItsWrites)
                _ = watch.TryCall(null, "", flights, WaitFor, out _);
        }
        else
        {
            // io_destroy(2) takes 30 ms (measured); nothing needs to wait for it.
            WorkThread.GiveBackLater(flights);
        }
    }

    /// <summary>
    /// Takes on what has come, and begins what the limits allow. A call that is taken for hung ends the copy: the
    /// calling thread is not the writer's any more then.
    /// </summary>
    private void Advance(bool wait)
    {
        if (commit.IsGivenUp)
            return;
        do
        {
            _ = inbox.TryDequeue(out WriteSegments? ask);
            if (!watch.TryCall(null, "", (core, ask, wait), Write, out object answer))
                return;
            (answer as WorkFailed)?.Throw();
            following = ask?.Following ?? following;
            Report();
        }
        while (inbox.Count > 0);

        watch.Flights = core.Flights == 0 ? 0 : flights!.Ended + 1;
        WaitForRate();
        if (thread is null)
        {
            if (core.Flights > 0 || core.HasBlockingWork)
                TakeAnotherTurn();
        }
        else
        {
            Look(core.Flights > 0 || core.HasBlockingWork);
            if (core.HasBlockingWork)
                thread.Signal.Give();
        }
    }

    private static object WaitFor(WriteFlights flights)
    {
        flights.Dispose();
        return CallWatch.Nothing;
    }

    private static object Write((WriteScheduler Core, WriteSegments? Ask, bool Wait) input)
    {
        if (input.Ask is not null)
            input.Core.Add(input.Ask.Jobs);
        input.Core.Advance(input.Wait);
        return CallWatch.Nothing;
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

    private void Look(bool isWanted)
    {
        if (isWanted == isLooking)
            return;
        isLooking = isWanted;
        if (isWanted)
            thread!.LookBetweenMessages(look!);
        else
            thread!.StopLooking();
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
}
