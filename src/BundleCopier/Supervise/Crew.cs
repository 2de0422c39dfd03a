using Akka.Actor;
using Akka.Event;
using BundleCopier.Actors;
using BundleCopier.Compress;
using BundleCopier.Govern;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Write;
using static BundleCopier.Supervise.SupervisorProtocol;

namespace BundleCopier.Supervise;

/// <summary>The actors of one copy: hires and stops them, and sends them orders. Only its supervisor uses it.</summary>
/// <param name="context">The supervisor's, which is the parent of all.</param>
/// <param name="job">The copy.</param>
/// <param name="memory">Its memory.</param>
/// <param name="board">The limits.</param>
/// <param name="place">The place of workers' threads among others.</param>
/// <param name="commit">How far the publishing is.</param>
/// <param name="hung">The filesystems that do not answer.</param>
/// <param name="guard">Watches the calls.</param>
/// <param name="log">Gets the steps of the copy.</param>
/// <param name="conclude">See <see cref="ICrew.Conclude"/>.</param>
internal sealed class Crew(
    IActorContext context,
    CopyJob job,
    CopyMemory memory,
    IoBoard board,
    ThreadPlace place,
    CommitRecord commit,
    HungSources hung,
    StallGuard guard,
    ILoggingAdapter log,
    Action<CopyResult> conclude)
    : ICrew
{
    private readonly CopyOptions options = new(job.Settings.Checksum, job.Settings.ZeroDetection)
    {
        DyingWriterLeavesItsWrites = job.Settings.DyingWriterLeavesItsWrites,
    };

    private readonly Outbox forScout = new();
    private readonly Outbox forKeeper = new();
    private IActorRef[] readers = [];
    private IActorRef[] compressors = [];
    private IActorRef[] writers = [];
    private IActorRef scout = ActorRefs.Nobody;
    private IActorRef keeper = ActorRefs.Nobody;
    private bool overlaps;

    /// <summary>Readers, compressors and writers that have not stopped.</summary>
    public int Workers { get; private set; }

    public bool IsTraced => log.IsDebugEnabled;

    public void ToScout(object order) => forScout.Add(order);

    public void ToKeeper(object order) => forKeeper.Add(order);

    /// <summary>Sends what was ordered since the last time, in batches.</summary>
    public void SendOrders()
    {
        forScout.SendTo(scout);
        forKeeper.SendTo(keeper);
    }

    public void Read(int reader, SegmentJob[] jobs) => readers[reader].Tell(new ReaderProtocol.ReadSegments(jobs));

    public void Trace(string step) => log.Debug("Bundle {0}: {1}", job.Manifest.Bundle, step);

    public void Conclude(CopyResult result) => conclude(result);

    /// <summary>Hires the scout and the keeper.</summary>
    public void HireOwners()
    {
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
    }

    public void HireGovernor(Func<GovernorActor> make) => context.ActorOf(OnOwnThread(make), "governor");

    public void HireCanary() => context.WatchWith(
        guard.Watch(CallRole.Canary, calls => context.ActorOf(
            OnOwnThread(() => new CanaryActor(job.Kernel, job.Manifest.Destination!, calls)), "canary")),
        CanaryStopped.Instance);

    /// <summary>The bundle is prepared: the workers can begin.</summary>
    public void Prepared(bool overlapsWrites)
    {
        overlaps = overlapsWrites;
        // Workers that were hired early may have failed already.
        if (Workers == 0)
            HireWorkers();
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
            new ReaderActor(
                i, options, board, place, compressors, writers, hung, calls, () => job.Kernel.MonotonicMs));
    }

    // Readers first: they hand on, and a message to a stopped actor is lost.
    public void StopWorkers()
    {
        foreach (IActorRef worker in (IActorRef[])[.. readers, .. compressors, .. writers])
            context.Stop(worker);
    }

    /// <summary>A worker has stopped.</summary>
    public void Stopped() => Workers--;

    public void HurryWriters()
    {
        foreach (IActorRef writer in writers)
            writer.Tell(WriterProtocol.StopWriting.Instance);
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
            Workers++;
        }

        return hired;
    }

    private IActorRef Hire<TActor>(string? name, Func<TActor> make, object? whenStopped = null)
        where TActor : ActorBase
    {
        IActorRef hired = context.ActorOf(job.Worker(make), name);
        return context.WatchWith(hired, whenStopped ?? new WorkerStopped(hired));
    }

    /// <summary>The governor and the canary look at the machine, and do not step back behind it.</summary>
    private Props OnOwnThread<TActor>(Func<TActor> make)
        where TActor : ActorBase => Produced<TActor>.By(make).WithDispatcher(job.IoDispatcher);
}
