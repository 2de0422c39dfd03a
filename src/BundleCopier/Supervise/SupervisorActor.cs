using Akka.Actor;
using Akka.Event;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Observe;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Write;
using static BundleCopier.Govern.GovernProtocol;
using static BundleCopier.Supervise.SupervisorProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Runs one copy: hires the <see cref="Crew"/>, hands its answers to <see cref="CopyFlow"/> and sends the flow's
/// orders. Owns the memory of the budget. When this actor has stopped, every actor below it has stopped too, and
/// everything is given back.
/// </summary>
internal sealed class SupervisorActor : UntypedActor, IWithTimers
{
    // Far longer than a canary needs: one whose first write hangs must not keep the copy from beginning.
    private static readonly TimeSpan CanaryPatience = TimeSpan.FromSeconds(2);

    // Closing files takes microseconds. Where it hangs, the result is not held back.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StallInterval = TimeSpan.FromMilliseconds(100);

    private readonly CopyJob job;
    private readonly CopyMemory memory;
    private readonly CopyFlow flow;
    private readonly Crew crew;
    private readonly CommitRecord commit;
    private readonly StallGuard guard;
    private readonly Governor governorCore;
    private readonly IoBoard board;
    private readonly WorkerThreads workerThreads = new();
    private readonly ProgressReport progress;
    private readonly CopyMeter meter = new();
    private readonly ILoggingAdapter log;
    private CancellationTokenRegistration stop;
    private CopyResult? result;
    private ICancelable? lateResult;
    private bool isStopped;

    public SupervisorActor(CopyJob job, CopyMemory memory)
    {
        this.job = job;
        this.memory = memory;
        log = Context.GetLogger();
        progress = new ProgressReport(job.Progress, job.Manifest.Bundle, log);
        governorCore =
            Governor.For(job.Settings, memory.Slabs.Capacity, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        board = new IoBoard(governorCore.Limits, job.Settings.WriterMaxRateBytes, job.Kernel.MonotonicUs);
        commit = new CommitRecord(memory.Holds);
        HungSources hung = new(job.Kernel);
        guard = new StallGuard(job, memory.Holds, hung);
        ThreadPlace place = new(job.Kernel, workerThreads, job.Settings.OwnsProcess);
        crew = new Crew(Context, job, memory, board, place, commit, hung, guard, log, Conclude);
        flow = new CopyFlow(job.Manifest, job.Settings, board, memory.Slabs, crew, job.Kernel, hung);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        workerThreads.StepBack = governorCore.Limits.IsLowered;
        crew.HireOwners();
        // If the governor dies or hangs, some figures are missing, and the limits stay as they are.
        crew.HireGovernor(() => new GovernorActor(job.Kernel, governorCore, board, workerThreads));
        IActorRef self = Self;
        stop = job.Stop.Register(() => self.Tell(CancelCopy.Instance));
        if (job.Progress is not null)
            Timers.StartPeriodicTimer(nameof(ReportProgress), ReportProgress.Instance, job.Settings.ProgressInterval);
        Timers.StartPeriodicTimer(nameof(LookForStalls), LookForStalls.Instance, StallInterval);
        if (job.Settings.Deadline is not null)
            Timers.StartSingleTimer(
                nameof(DeadlinePassed), DeadlinePassed.Instance, job.Settings.DeadlineRest);
        if (job.Settings.Canary)
        {
            crew.HireCanary();
            Timers.StartSingleTimer(nameof(CanaryStopped), CanaryStopped.Instance, CanaryPatience);
        }
        else
        {
            flow.Start();
        }

        job.Span.Enter($"{flow.Phase}");
        crew.SendOrders();
    }

    protected override void OnReceive(object message)
    {
        // Messages that are left in the mailbox after the end change nothing.
        if (result is not null && message is not DescribeState)
            return;
        Take(message);
        job.Span.Enter(result is null ? $"{flow.Phase}" : null);
        crew.SendOrders();
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
            case HostRead:
                flow.Handle(message);
                meter.See(flow.Progress, flow.SettledSegments, board.Limits);
                break;
            case LimitsChanged changed:
                flow.Handle(message);
                meter.See(changed.Figures);
                break;
            case WorkerFailed failed:
                EngineMeter.WorkerFailures.Add(1);
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
                crew.Stopped();
                WorkerHasStopped();
                break;
            case LookForStalls:
                FindStalls();
                break;
            case KeeperProtocol.BundlePrepared prepared:
                crew.Prepared(prepared.Overlaps);
                flow.Handle(message);
                break;
            case OwnerStopped owner:
                throw new InvalidOperationException($"The {owner.Role} died.");
            default:
                flow.Handle(message);
                break;
        }
    }

    private void Conclude(CopyResult concluded)
    {
        result = concluded;
        // A reader of progress takes "done" for success.
        if (concluded is CopyResult.Committed committed)
        {
            Log(committed.Cleanup);
            Report();
        }

        if (isStopped)
            return;
        // Nothing that the copy has still to close is worth more waiting: the bundle is on disk, or there is none.
        TaskCompletionSource<CopyResult> waiting = job.Result;
        lateResult = Context.System.Scheduler.Advanced.ScheduleOnceCancelable(
            EndPatience, () => waiting.TrySetResult(concluded));
        guard.LeaveCanary();
        // Behind the timers' messages that wait already: stopped at once, it would leave them as dead letters.
        Timers.CancelAll();
        Self.Tell(PoisonPill.Instance);
    }

    private void WorkerHasStopped()
    {
        if (flow.Phase >= CopyPhase.Committing)
            return;
        // A worker that could not even start has told nothing.
        if (!flow.IsRecalling)
            flow.WorkerFailed(inHand: null);
        if (crew.Workers == 0)
            flow.CrewStopped();
    }

    // An actor that failed has lost its place in whatever it was doing; a new one starts clean.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    private void FindStalls()
    {
        if (guard.Look(job.Kernel.MonotonicMs, flow.IsStopping))
            flow.HungChanged();
        if (result is null && guard.FindHungDestination(flow.IsCancelled, flow.IsStopping) is { } silentFor)
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
        isStopped = true;
        stop.Dispose();
        workerThreads.Dispose();
        meter.See(flow.Progress, flow.SettledSegments, board.Limits);
        meter.End();
        // The actor system may have ended between the commit and the keeper's answer.
        if (result is null && commit.Committed is { } committed)
            flow.Handle(committed);
        memory.GiveBack();
        guard.Dispose();
        lateResult?.Cancel();
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

    private void Report()
    {
        if (!progress.TryTell(flow.Progress))
            Timers.Cancel(nameof(ReportProgress));
    }

    private void Describe(Action<string> to)
    {
        StateReport report = new(job.Kernel.MonotonicUs);
        report.Line($"bundle {job.Manifest.Bundle}: {crew.Workers} workers");
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
}
