using Akka.Actor;
using Akka.Event;
using BundleCopier.Actors;
using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Write;
using static BundleCopier.Govern.GovernProtocol;
using static BundleCopier.Supervise.SupervisorProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Runs one copy: hires the crew, hands its answers to <see cref="CopyFlow"/> and sends the flow's orders. Owns the
/// memory of the budget. When this actor has stopped, every actor below it has stopped too, and everything is given
/// back.
/// </summary>
internal sealed class SupervisorActor : UntypedActor, ICrew, IWithTimers
{
    // Far longer than a canary needs: one whose first write hangs must not keep the copy from beginning.
    private static readonly TimeSpan CanaryPatience = TimeSpan.FromSeconds(2);

    private readonly CopyJob job;
    private readonly CopyMemory memory;
    private readonly CopyOptions options;
    private readonly CopyFlow flow;
    private readonly CommitRecord commit;
    private readonly HungSources hung;
    private readonly StallGuard guard;
    private readonly Governor governorCore;
    private readonly IoBoard board;
    private readonly WorkerThreads workerThreads = new();
    private readonly ThreadPlace place;
    private readonly Outbox forScout = new();
    private readonly Outbox forKeeper = new();
    private readonly ILoggingAdapter log;
    private IActorRef[] readers = [];
    private IActorRef[] compressors = [];
    private IActorRef[] writers = [];
    private IActorRef scout = ActorRefs.Nobody;
    private IActorRef keeper = ActorRefs.Nobody;
    private int workersRunning;
    private bool overlaps;
    private CancellationTokenRegistration stop;
    private CopyResult? result;
    private IProgress<CopyProgress>? observer; // null where there is none, and after it has thrown

    public SupervisorActor(CopyJob job, CopyMemory memory)
    {
        this.job = job;
        this.memory = memory;
        log = Context.GetLogger();
        observer = job.Progress;
        options = new CopyOptions(job.Settings.Checksum, job.Settings.ZeroDetection)
        {
            DyingWriterLeavesItsWrites = job.Settings.DyingWriterLeavesItsWrites,
        };
        governorCore =
            Governor.For(job.Settings, memory.Slabs.Capacity, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        board = new IoBoard(governorCore.Limits, job.Settings.WriterMaxRateBytes, job.Kernel.MonotonicUs);
        place = new ThreadPlace(job.Kernel, workerThreads, job.Settings.OwnsProcess);
        commit = new CommitRecord(memory.Holds);
        hung = new HungSources(job.Kernel);
        guard = new StallGuard(job, memory.Holds, hung);
        flow = new CopyFlow(job.Manifest, job.Settings, board, memory.Slabs, this, job.Kernel, hung);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public bool IsTraced => log.IsDebugEnabled;

    public void ToScout(object order) => forScout.Add(order);

    public void ToKeeper(object order) => forKeeper.Add(order);

    public void Read(int reader, SegmentJob[] jobs) => readers[reader].Tell(new ReaderProtocol.ReadSegments(jobs));

    public void Trace(string step) => log.Debug("Bundle {0}: {1}", job.Manifest.Bundle, step);

    // Readers first: they hand on, and a message to a stopped actor is lost.
    public void StopWorkers()
    {
        foreach (IActorRef worker in (IActorRef[])[.. readers, .. compressors, .. writers])
            Context.Stop(worker);
    }

    /// <summary>
    /// Writers first, because readers and compressors are given whom they hand on to. Where writes overlap, reader
    /// and writer of one number share a thread; where a writer waits for each write, its reader would stand still
    /// with it.
    /// </summary>
    public void HireWorkers()
    {
        SharedThread[] threads = overlaps
            ? [.. Enumerable.Range(0, Math.Min(job.Settings.ReaderThreads, job.Settings.WriterThreads))
                .Select(static _ => new SharedThread())]
            : [];
        writers = HireAll(WorkerKind.Writer, job.Settings.WriterThreads, threads, (i, calls) =>
            new WriterActor(i, options, job.Kernel, board, place, memory.Zeros, commit, calls));
        compressors =
            HireAll(WorkerKind.Compressor, job.CompressesAnything ? job.Settings.CompressorThreads : 0, [], (i, _) =>
            new CompressorActor(i, job.Kernel, board, place, writers));
        readers = HireAll(WorkerKind.Reader, job.Settings.ReaderThreads, threads, (i, calls) =>
            new ReaderActor(i, options, board, place, compressors, writers, hung, calls));
    }

    public void HurryWriters()
    {
        foreach (IActorRef writer in writers)
            writer.Tell(WriterProtocol.StopWriting.Instance);
    }

    public void Conclude(CopyResult concluded)
    {
        result = concluded;
        // A reader of progress takes "done" for success.
        if (concluded is CopyResult.Committed committed)
        {
            Log(committed.Cleanup);
            Report();
        }

        Context.Stop(Self);
    }

    protected override void PreStart()
    {
        workerThreads.StepBack = governorCore.Limits.IsLowered;
        scout = guard.Watch(CallRole.Source, calls =>
            Hire("scout", () => new ScoutActor(job.Kernel, job.Settings, hung, calls), new OwnerStopped("scout")));
        keeper = guard.Watch(CallRole.Destination, calls => Hire("keeper", () => new KeeperActor(
            job.Kernel, job.Settings, memory.All, memory.KeeperSlab, memory.Zeros, commit, job.Stop, calls),
            new OwnerStopped("keeper")));
        // Memory is locked while the bundle is prepared, and with it the stacks of the workers' threads.
        if (job.Settings.MemoryLock)
        {
            overlaps = job.Kernel.OverlapsWrites;
            HireWorkers();
        }

        // If the governor dies, some figures are missing, and the limits stay as they are.
        Context.ActorOf(
            OnOwnThread(() => new GovernorActor(job.Kernel, governorCore, board, workerThreads)), "governor");

        IActorRef self = Self;
        stop = job.Stop.Register(() => self.Tell(CancelCopy.Instance));
        if (observer is not null)
            Timers.StartPeriodicTimer(nameof(ReportProgress), ReportProgress.Instance, job.Settings.ProgressInterval);
        if (job.Settings.Deadline is not null)
            Timers.StartSingleTimer(
                nameof(DeadlinePassed), DeadlinePassed.Instance, job.Settings.DeadlineRest);
        if (job.Settings.Canary)
            StartAfterCanary();
        else
            flow.Start();
        SendOrders();
    }

    protected override void OnReceive(object message)
    {
        // Messages that are left in the mailbox after the end change nothing.
        if (result is not null && message is not DescribeState)
            return;
        Take(message);
        SendOrders();
    }

    private void Take(object message)
    {
        switch (message)
        {
            case CancelCopy:
                flow.Cancel();
                break;
            case DeadlinePassed:
                flow.PassDeadline();
                break;
            case ReportProgress:
                Report();
                break;
            case DescribeState ask:
                Describe(ask.To);
                break;
            case CanaryReady or CanaryStopped:
                flow.Start();
                break;
            case WorkerFailed failed:
                log.Error(
                    failed.Bug,
                    "{0} {1} of bundle {2} has met a bug; its segments are copied once more.",
                    failed.Kind,
                    failed.Number,
                    job.Manifest.Bundle);
                flow.WorkerFailed(failed.InHand);
                break;
            case WorkerStopped stopped:
                guard.Forget(stopped.Worker);
                Stopped();
                break;
            case HostRead:
                flow.Handle(message);
                LookForStalls();
                break;
            case KeeperProtocol.BundlePrepared prepared:
                overlaps = prepared.Overlaps;
                // Workers that were hired early may have failed already.
                if (workersRunning == 0)
                    HireWorkers();
                flow.Handle(message);
                break;
            case OwnerStopped owner:
                throw new InvalidOperationException($"The {owner.Role} died.");
            default:
                flow.Handle(message);
                break;
        }
    }

    private void Stopped()
    {
        workersRunning--;
        if (flow.Phase >= CopyPhase.Committing)
            return;
        // A worker that could not even start has told nothing.
        if (!flow.IsRecalling)
            flow.WorkerFailed(inHand: null);
        if (workersRunning == 0)
            flow.CrewStopped();
    }

    // An actor that failed has lost its place in whatever it was doing; a new one starts clean.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    // The governor reports ten times a second.
    private void LookForStalls()
    {
        if (guard.Look(job.Kernel.MonotonicMs, flow.IsStopping))
            flow.HungChanged();
        if (result is null && guard.FindHungDestination(flow.IsCancelled) is { } silentFor)
            GiveUp(silentFor);
    }

    /// <summary>The destination hangs: nothing is committed, and nothing is waited for.</summary>
    private void GiveUp(string silentFor)
    {
        PublishState reached = commit.GiveUp();
        if (reached == PublishState.Named)
        {
            // The bundle is there, and the keeper clears away older ones.
            if (commit.Committed is { } committed)
            {
                guard.TakeOverAll();
                flow.Handle(committed);
            }

            return;
        }

        result = new CopyResult.Refused(DestinationRefusals.Hung(
            job.Manifest.Destination!, job.Manifest.Bundle, silentFor, isNaming: reached == PublishState.Naming));
        // A write that returns late is the last one of its writer.
        board.Stop(Fault.Of(FaultKind.Cancelled));
        guard.TakeOverAll();
        flow.GiveUp();
        // Without threads of their own, actors cannot be stopped while they hang.
        job.Result.TrySetResult(result);
        Context.Stop(Self);
    }

    // Runs after every child has stopped, so only calls that hang may still use the memory. A copy that comes here
    // without a result has failed, whatever is on disk.
    protected override void PostStop()
    {
        stop.Dispose();
        workerThreads.Dispose();
        // The actor system may have ended between the commit and the keeper's answer.
        if (result is null && commit.Committed is { } committed)
            flow.Handle(committed);
        if (memory.Holds.IsOnlyOfCopy)
            memory.Slabs.ReclaimAll();
        memory.Dispose();
        job.Result.TrySetResult(result ?? new CopyResult.Refused(job.SystemEnds.IsCancellationRequested
            ? new Refusal(
                RefusalKind.NotCommitted,
                "",
                "Nothing is committed: the actor system ended before the copy could commit. Give its shutdown more "
                    + "time (akka.coordinated-shutdown.phases.before-service-unbind.timeout).")
            : new Refusal(
                RefusalKind.Internal,
                "",
                "The engine stopped by itself, and nothing is committed. This is a bug; please report it with the "
                    + "log.")));
    }

    private void Log(DestinationCleanup cleanup)
    {
        foreach (RemovedBundle gone in cleanup.Removed)
            log.Info("Removed {0} ({1}, {2} bytes).", gone.Path, gone.Reason, gone.SizeBytes);
        foreach (string warning in cleanup.Warnings)
            log.Info("{0}", warning);
    }

    /// <summary>
    /// Tells the observer how far the copy is. An observer that throws is told nothing more: it is foreign code, and
    /// the copy does not fail for it.
    /// </summary>
    private void Report()
    {
        try
        {
            observer?.Report(flow.Progress);
        }
#pragma warning disable CA1031 // Foreign code may throw anything.
        catch (Exception error)
#pragma warning restore CA1031
        {
            observer = null;
            Timers.Cancel(nameof(ReportProgress));
            log.Warning(
                error,
                "The observer of bundle {0}'s progress has thrown; the copy goes on, and reports no more.",
                job.Manifest.Bundle);
        }
    }

    private void Describe(Action<string> to)
    {
        StateReport report = new(job.Kernel.MonotonicUs);
        report.Line($"bundle {job.Manifest.Bundle}: {workersRunning} workers");
        flow.Describe(report);
        guard.Describe(report);
        try
        {
            to(report.ToString());
        }
#pragma warning disable CA1031 // Foreign code may throw anything.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.Warning(error, "The state of bundle {0} could not be shown; the copy goes on.", job.Manifest.Bundle);
        }
    }

    private void StartAfterCanary()
    {
        Context.WatchWith(
            guard.Watch(CallRole.Canary, calls => Context.ActorOf(
                OnOwnThread(() => new CanaryActor(job.Kernel, job.Manifest.Destination!, calls)), "canary")),
            CanaryStopped.Instance);
        Timers.StartSingleTimer(nameof(CanaryStopped), CanaryStopped.Instance, CanaryPatience);
    }

    private void SendOrders()
    {
        forScout.SendTo(scout);
        forKeeper.SendTo(keeper);
    }

    private IActorRef[] HireAll<TActor>(
        WorkerKind kind, int count, SharedThread[] threads, Func<int, CallWatch, TActor> make)
        where TActor : ActorBase
    {
        IActorRef[] hired = new IActorRef[count];
        for (int i = 0; i < count; i++)
        {
            int number = i;
            CallRole role = kind == WorkerKind.Reader ? CallRole.Source : CallRole.Destination;
            IActorRef Make() => guard.Watch(role, calls => Hire(null, () => make(number, calls)));
            hired[i] = i < threads.Length ? threads[i].For(Make) : Make();
            workersRunning++;
        }

        return hired;
    }

    private IActorRef Hire<TActor>(string? name, Func<TActor> make, object? whenStopped = null)
        where TActor : ActorBase
    {
        IActorRef hired = Context.ActorOf(job.Worker(make), name);
        return Context.WatchWith(hired, whenStopped ?? new WorkerStopped(hired));
    }

    /// <summary>The governor and the canary look at the machine, and do not step back behind it.</summary>
    private Props OnOwnThread<TActor>(Func<TActor> make)
        where TActor : ActorBase => Produced<TActor>.By(make).WithDispatcher(job.IoDispatcher);
}
