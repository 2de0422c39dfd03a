using Akka.Actor;
using Akka.Event;
using BundleCopier.Actors;
using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Write;
using static BundleCopier.Govern.GovernProtocol;
using static BundleCopier.Supervise.SupervisorProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Runs one copy: hires the crew, hands its answers to <see cref="CopyFlow"/> and sends its orders out. Owns the budget's
/// memory. When it has stopped, every actor below it has stopped too, and all is given back.
/// </summary>
internal sealed class SupervisorActor : UntypedActor, ICrew, IWithTimers
{
    // Far longer than a canary needs: one whose first write hangs must not keep the copy from beginning.
    private static readonly TimeSpan CanaryPatience = TimeSpan.FromSeconds(2);

    private readonly CopyJob job;
    private readonly CopyMemory memory;
    private readonly CopyOptions options;
    private readonly CopyFlow flow;
    private readonly Governor governorCore;
    private readonly WorkerThreads workingThreads = new();
    private readonly Outbox forScout = new();
    private readonly Outbox forKeeper = new();
    private readonly IActorRef[] readers;
    private readonly IActorRef[] compressors;
    private readonly IActorRef[] writers;
    private SharedThread[] threads = [];
    private OwnThreadDispatcher? home; // null where this actor has no thread of its own
    private IActorRef scout = ActorRefs.Nobody;
    private IActorRef keeper = ActorRefs.Nobody;
    private IActorRef governor = ActorRefs.Nobody;
    private CancellationTokenRegistration stop;
    private CopyResult? result;
    private bool areWorkersDismissed;
    private IProgress<CopyProgress>? observer; // null for nobody, or nobody any more

    public SupervisorActor(CopyJob job, CopyMemory memory)
    {
        this.job = job;
        this.memory = memory;
        observer = job.Progress;
        options = new CopyOptions(job.Settings.Checksum, job.Settings.ZeroDetection);
        governorCore = Governor.For(job.Settings, memory.Slabs.Capacity, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        flow = new CopyFlow(job.Manifest, job.Settings, governorCore.IoLimits, memory.Slabs, this, job.Kernel);
        readers = new IActorRef[job.Settings.ReaderThreads];
        compressors = new IActorRef[job.CompressesAnything ? job.Settings.CompressorThreads : 0];
        writers = new IActorRef[job.Settings.WriterThreads];
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public void ToScout(object order) => forScout.Add(order);

    public void ToKeeper(object order) => forKeeper.Add(order);

    public void ToReader(int reader, ReaderProtocol.ReadSegment order) => readers[reader].Tell(order);

    public void ToReader(int reader, ReaderProtocol.ReadBunch order) => readers[reader].Tell(order);

    public void ToCompressor(int compressor, CompressorProtocol.CompressSegment order) => compressors[compressor].Tell(order);

    public void ToWriter(int writer, WriterProtocol.WriteSegment order) => writers[writer].Tell(order);

    public void ToWriter(int writer, WriterProtocol.WriteFrame order) => writers[writer].Tell(order);

    public void ToGovernor(GovernProtocol.WritesSeen seen) => governor.Tell(seen);

    public void ToWriter(int writer, WriterProtocol.WriteBunch order) => writers[writer].Tell(order);

    public void WakeAfter(long delayMs) => Timers.StartSingleTimer(nameof(Wake), Wake.Instance, TimeSpan.FromMilliseconds(delayMs));

    // Readers first: who shares a thread with a writer would wait for what that one gives back.
    public void Dismiss()
    {
        areWorkersDismissed = true;
        foreach (IActorRef worker in (IActorRef[])[.. readers, .. compressors, .. writers])
            Context.Stop(worker);
    }

    public void Conclude(CopyResult concluded)
    {
        result = concluded;
        // "Done" is what a reader of progress takes for success.
        if (concluded is CopyResult.Committed)
            Report();
        Context.Stop(Self);
    }

    protected override void PreStart()
    {
        home = OwnThreadDispatcher.Current;
        workingThreads.StepBack = governorCore.IoLimits.IsLowered;
        scout = Hire("scout", () => new ScoutActor(job.Kernel, job.Settings), new OwnerStopped("scout"));
        keeper = Hire("keeper", () => new KeeperActor(job.Kernel, job.Settings, memory), new OwnerStopped("keeper"));
        // Memory is locked while the bundle is prepared, and their threads' stacks shall be.
        if (job.Settings.MemoryLock)
            HireWorkers(job.Kernel.OverlapsWrites);
        // Nobody depends on those who look at the machine: if one dies, some figures are missing, and the dials stay as they are.
        governor = Context.ActorOf(OnOwnThread(() => new GovernorActor(job.Kernel, governorCore, workingThreads)), "governor");

        IActorRef self = Self;
        stop = job.Stop.Register(() => self.Tell(CancelCopy.Instance));
        if (observer is not null)
            Timers.StartPeriodicTimer(nameof(ReportProgress), ReportProgress.Instance, job.Settings.ProgressInterval);
        if (job.Settings.Canary)
            StartAfterCanary();
        else
            flow.Start();
        Send();
        LendTurns(true);
    }

    protected override void OnReceive(object message)
    {
        // What is still in the mailbox after the end concerns nobody.
        if (result is not null)
            return;
        if (IsForHome(message))
        {
            LendTurns(false);
            if (home is not null && OwnThreadDispatcher.Current != home)
            {
                Self.Forward(message);
                return;
            }
        }

        Take(message);
        Send();
        LendTurns(result is null && !areWorkersDismissed);
    }

    private void Take(object message)
    {
        switch (message)
        {
            case CancelCopy:
                flow.Cancel();
                break;
            case ReportProgress:
                Report();
                break;
            case ReaderStopped or CompressorStopped or WriterStopped when areWorkersDismissed:
                break;
            case ReaderStopped stopped:
                HireReader(stopped.Reader);
                flow.ReaderDied(stopped.Reader);
                break;
            case Wake:
                flow.Wake();
                break;
            case CanaryReady or CanaryStopped:
                flow.Start();
                break;
            case CompressorStopped stopped:
                HireCompressor(stopped.Compressor);
                flow.CompressorDied(stopped.Compressor);
                break;
            case WriterStopped stopped:
                HireWriter(stopped.Writer);
                flow.WriterDied(stopped.Writer);
                break;
            case KeeperProtocol.BundlePrepared prepared:
                if (!job.Settings.MemoryLock)
                    HireWorkers(prepared.Overlaps);
                flow.Handle(message);
                break;
            case OwnerStopped stopped:
                throw new InvalidOperationException($"The {stopped.Who} died.");
            default:
                flow.Handle(message);
                break;
        }
    }

    // Workers take this actor's turns, and their threads may have stepped back behind everybody's. A thread inherits that from the one that starts it
    // (clone(2)), so what may start one, or runs a stranger's code, is for this actor's own thread. Such messages may come later than they did:
    // a worker that has stopped stays so, and progress is told as it is when it is told.
    private static bool IsForHome(object message) =>
        message is ReportProgress or ReaderStopped or CompressorStopped or WriterStopped or OwnerStopped or KeeperProtocol.BundlePrepared or KeeperProtocol.BundleCommitted or CanaryReady or CanaryStopped;

    private void LendTurns(bool lends)
    {
        if (home is not null)
            home.LendsTurns = lends;
    }

    // An actor that failed has lost its place in whatever it was doing; a new one starts clean.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    // Runs after every child has stopped, so nobody touches the memory any more. A copy that comes here without a result
    // has failed, whatever is on disk.
    protected override void PostStop()
    {
        stop.Dispose();
        workingThreads.Dispose();
        memory.Slabs.ReclaimAll();
        memory.Dispose();
        // Whoever waits for it goes on on a thread of the pool, which may be started for it.
        LendTurns(false);
        if (home is null || OwnThreadDispatcher.Current == home)
            TellResult();
        else
            home.Schedule(TellResult);
    }

    private void TellResult() =>
        job.Result.TrySetResult(result ?? new CopyResult.Refused(new Refusal(
            RefusalKind.Internal, "", "The engine stopped by itself, and nothing is committed. This is a bug; please report it with the log.")));

    /// <summary>
    /// Tells the observer how far the copy is. One that throws is told nothing more: it is a stranger's code, on our thread, and a
    /// copy does not fail for who looks at it.
    /// </summary>
    private void Report()
    {
        try
        {
            observer?.Report(flow.Progress);
        }
#pragma warning disable CA1031 // Whatever a stranger throws.
        catch (Exception error)
#pragma warning restore CA1031
        {
            observer = null;
            Timers.Cancel(nameof(ReportProgress));
            Context.GetLogger().Warning(error, "Whoever is told the progress of bundle {0} has thrown; the copy goes on, and reports no more.", job.Manifest.Bundle);
        }
    }

    private void StartAfterCanary()
    {
        Context.WatchWith(
            Context.ActorOf(OnOwnThread(() => new CanaryActor(job.Kernel, job.Manifest.Destination!)), "canary"), CanaryStopped.Instance);
        Timers.StartSingleTimer(nameof(CanaryStopped), CanaryStopped.Instance, CanaryPatience);
    }

    private void Send()
    {
        forScout.SendTo(scout);
        forKeeper.SendTo(keeper);
    }

    /// <summary>
    /// Reader and writer of one number share a thread where writes need not be waited for; where they must be, the one would stand still for the other.
    /// </summary>
    private void HireWorkers(bool overlap)
    {
        if (overlap)
            threads = [.. Enumerable.Range(0, Math.Min(readers.Length, writers.Length)).Select(static _ => new SharedThread())];
        for (int i = 0; i < readers.Length; i++)
            HireReader(i);
        for (int i = 0; i < compressors.Length; i++)
            HireCompressor(i);
        for (int i = 0; i < writers.Length; i++)
            HireWriter(i);
    }

    private void HireReader(int reader) =>
        readers[reader] = OnThread(reader, () => Hire(null, () => new ReaderActor(reader, options, job.Kernel, workingThreads), new ReaderStopped(reader)));

    private void HireCompressor(int compressor) =>
        compressors[compressor] = Hire(null, () => new CompressorActor(compressor, job.Kernel, workingThreads), new CompressorStopped(compressor));

    private void HireWriter(int writer) =>
        writers[writer] = OnThread(writer, () => Hire(null, () => new WriterActor(writer, options, job.Kernel, workingThreads, memory.Zeros), new WriterStopped(writer)));

    private IActorRef OnThread(int number, Func<IActorRef> hire) => number < threads.Length ? threads[number].For(hire) : hire();

    private IActorRef Hire<TActor>(string? name, Func<TActor> make, object whenStopped)
        where TActor : ActorBase => Context.WatchWith(Context.ActorOf(job.Worker(make), name), whenStopped);

    /// <summary>Those who look at the machine do not step back behind it.</summary>
    private Props OnOwnThread<TActor>(Func<TActor> make)
        where TActor : ActorBase => Produced<TActor>.By(make).WithDispatcher(job.IoDispatcher);
}
