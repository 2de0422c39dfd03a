using BundleCopier.Compress;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Settings;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Sends segments out and takes them back. A segment only sets out when there is a lease for all that it will ever
/// need (two where it is compressed); the lease comes back with the writer's report. That is all the back-pressure
/// there is, and it is enough: nothing else holds data, and nothing on its way waits for a lease. Pure and
/// synchronous.
/// </summary>
internal sealed class SegmentFlow
{
    /// <summary>Larger files are copied as fast each by itself.</summary>
    public const int MaxSmallFileBytes = 64 * 1024;

    // As many as a request to the disk takes.
    private const int MaxBatchFiles = 128;

    // A segment that kills two workers has met a bug of ours, and is given up.
    private const int MaxKills = 2;
    private const int MaxDeaths = 64;

    // Waiting segments of a file below which the scout is asked for more; a plan brings up to 64.
    private const int PlanLowWater = 32;

    private readonly IoBoard board;
    private readonly SlabPool pool;
    private readonly ICrew crew;
    private readonly List<FileCopy> active;
    private readonly Action<FileCopy> whenDrained;
    private readonly WorkerPool workers;
    private readonly CompressChoice choice;
    private readonly Dictionary<SegmentJob, FileCopy> underWay = [];
    private readonly List<SegmentJob>[] orders;
    private int deaths;
    private SegmentJob? guilty;

    /// <param name="settings">How the copy is made.</param>
    /// <param name="board">The limits.</param>
    /// <param name="pool">The budget.</param>
    /// <param name="crew">Gets the orders.</param>
    /// <param name="active">Files that are being copied, in the order in which they are served.</param>
    /// <param name="whenDrained">Told of a file all of whose segments have arrived or are given up.</param>
    public SegmentFlow(
        CopySettings settings,
        IoBoard board,
        SlabPool pool,
        ICrew crew,
        List<FileCopy> active,
        Action<FileCopy> whenDrained)
    {
        this.board = board;
        this.pool = pool;
        this.crew = crew;
        this.active = active;
        this.whenDrained = whenDrained;
        workers =
            new WorkerPool(settings.ReaderThreads, settings.CompressorThreads, settings.WriterThreads, board.Limits);
        choice = new CompressChoice(settings.CompressorThreads, settings.WriterMaxRateBytes);
        choice.Heed(board.Limits.RateBytes);
        orders = [.. Enumerable.Range(0, settings.ReaderThreads).Select(static _ => new List<SegmentJob>())];
    }

    /// <summary>Data that has come to its end, in bytes: on disk, or found to be zeros.</summary>
    public long SettledDataBytes { get; private set; }

    /// <summary>A worker has failed, and the crew is being stopped: nothing sets out until it has.</summary>
    public bool IsRecalling { get; private set; }

    /// <summary>Writers do not wait for their writes from now on.</summary>
    public void Overlap() => workers.Overlap();

    /// <summary>Other limits stand on the board.</summary>
    public void LimitsChanged()
    {
        choice.Heed(board.Limits.RateBytes);
        Dispatch();
    }

    /// <summary>The scout has found more segments of a file.</summary>
    public void Planned(FileCopy file, SegmentPlan plan)
    {
        FileSegments segments = file.Segments!;
        segments.AddPlan(plan);
        Dispatch();
        if (segments.IsDrained)
            whenDrained(file);
    }

    /// <summary>A writer's report: the credit of these segments is back.</summary>
    public void Settled(SegmentsSettled report)
    {
        workers.Heard(report.Writer, report.RanDry);
        int writersAtWork = workers.WritersAtWork;
        foreach (SegmentJob job in report.Jobs)
        {
            if (!underWay.Remove(job, out FileCopy? file))
                throw new InvalidOperationException(
                    $"Segment {job.Segment} of file {job.File.Index} has settled twice.");
            Learn(job, writersAtWork);
            if (!job.Written.IsSourceLost)
                SettledDataBytes += job.Read.DataBytes;
            file.Segments!.Arrived(job);
            ReturnLeases(job);
            if (file.Segments!.IsDrained)
                whenDrained(file);
        }

        Dispatch();
    }

    /// <summary>A worker has met a bug: the crew is stopped, because messages to a dead worker are lost.</summary>
    /// <param name="inHand">The job that it worked on; null where that is not known.</param>
    public void WorkerFailed(SegmentJob? inHand)
    {
        deaths++;
        guilty ??= inHand;
        if (IsRecalling)
            return;
        IsRecalling = true;
        crew.StopWorkers();
    }

    /// <summary>All workers have stopped: their jobs are recalled and go out once more with the next crew.</summary>
    /// <returns>True when so many workers have died that going on makes no sense.</returns>
    public bool CrewStopped()
    {
        foreach ((SegmentJob job, FileCopy file) in underWay)
        {
            job.Lease.Reclaim();
            job.Frame?.Reclaim();
            file.Segments!.Recalled(job, isGuilty: job == guilty, MaxKills);
            ReturnLeases(job);
        }

        underWay.Clear();
        guilty = null;
        IsRecalling = false;
        foreach (FileCopy file in active)
            file.Segments?.Restart();
        return deaths > MaxDeaths;
    }

    /// <summary>Sends out what the limits and the budget allow.</summary>
    public void Dispatch()
    {
        if (IsRecalling)
            return;
        IoLimits limits = board.Limits;
        while (FindNext() is { } file && SetOut(file, limits))
        {
        }

        for (int reader = 0; reader < orders.Length; reader++)
        {
            if (orders[reader].Count == 0)
                continue;
            crew.Read(reader, orders[reader].ToArray());
            orders[reader].Clear();
        }

        PlanAhead();
    }

    /// <summary>What is on its way and under which limits.</summary>
    public void Describe(StateReport report)
    {
        IoLimits limits = board.Limits;
        report.Line($"{pool.InFlight} of {pool.Capacity} leases out, {workers.UnderWay} slabs on their way, "
            + $"{board.InFlight} of {limits.Pieces} writes in flight, of at most {limits.PieceBytes} bytes"
            + (limits.RateBytes is { } rate ? $", at most {rate} bytes a second" : "")
            + (IsRecalling ? ", recalling all segments after a bug" : ""));
        foreach (SegmentJob job in underWay.Keys)
            report.Segment(job);
    }

    private FileCopy? FindNext() => active.Find(static file => file.Segments is { Pending: > 0 });

    private bool SetOut(FileCopy file, IoLimits limits)
    {
        FileSegments segments = file.Segments!;
        FileLane lane = segments.Lane;
        bool isCompressed = lane.Source.IsCompressed;
        int leases = isCompressed ? 2 : 1;
        if (Math.Min(pool.Capacity, limits.MaxLeases) - pool.InFlight < leases
            || workers.Find(limits, isCompressed, lane.Writer) is not { } route)
            return false;
        if (CanShare(file) && FindBatch(file) is { Count: > 1 } files)
        {
            SetOut(files, route);
        }
        else
        {
            if (isCompressed)
                lane.Writer = route.Writer;
            Send(Job(file, route, pool.Rent(), isCompressed ? pool.Rent() : null));
        }

        workers.Out(route, isCompressed);
        return true;
    }

    private SegmentJob Job(FileCopy file, JobRoute route, Lease lease, Lease? frame)
    {
        FileSegments segments = file.Segments!;
        OpenedSource source = segments.Source;
        PendingSegment next = segments.TakeNext(out int ordinal);
        SegmentJob job = new(segments.Lane, next.Segment, next.BySlab ? ReadMode.Slab : source.ReadMode, lease, frame)
        {
            Route = route,
            Kills = next.Kills,
            IsRewrite = next.IsRewrite,
            Ordinal = ordinal,
            Effort = source.Compression == Compression.Auto ? choice.Next() : CompressEffort.Compress,
        };
        job.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        underWay.Add(job, file);
        return job;
    }

    private void Send(SegmentJob job) => orders[job.Route.Reader].Add(job);

    /// <summary>
    /// Small files share a slab and an order; each has its own part of the slab, its own job and its own end.
    /// </summary>
    private void SetOut(List<FileCopy> files, JobRoute route)
    {
        Lease slab = pool.Rent();
        SegmentJob[] batch = new SegmentJob[files.Count];
        int offset = 0;
        for (int i = 0; i < batch.Length; i++)
        {
            int partBytes = PartBytes(files[i]);
            batch[i] = Job(files[i], route, slab.LendPart(offset, partBytes), frame: null);
            batch[i].Batch = batch;
            offset += partBytes;
            Send(batch[i]);
        }
    }

    /// <summary>
    /// The files that may go with one that is next, and itself. No file is overtaken by a less important one.
    /// </summary>
    private List<FileCopy> FindBatch(FileCopy first)
    {
        List<FileCopy> found = [];
        int sizeBytes = 0;
        for (int i = active.IndexOf(first); i < active.Count && found.Count < MaxBatchFiles; i++)
        {
            FileCopy file = active[i];
            if (file.Segments is not { Pending: > 0 })
                continue;
            if (!CanShare(file) || sizeBytes + PartBytes(file) > SegmentGrid.SegmentBytes)
                break;
            found.Add(file);
            sizeBytes += PartBytes(file);
        }

        return found;
    }

    private static bool CanShare(FileCopy file) =>
        file.Segments is { Lane.Source: { ReadMode: ReadMode.Slab } source } segments
        && IsSmall(source)
        && segments.Next is { Kills: 0, IsRewrite: false };

    /// <summary>It is stored as it is, and so small that it pays to send it with others.</summary>
    public static bool IsSmall(OpenedSource source) =>
        source is { IsCompressed: false, Status.SizeBytes: <= MaxSmallFileBytes };

    private static int PartBytes(FileCopy file) => (int)Alignment.Up(file.Segments!.Source.Status.SizeBytes);

    private void PlanAhead()
    {
        foreach (FileCopy file in active)
        {
            if (file.Segments is not { Pending: < PlanLowWater, WantsPlanFrom: { } position } segments)
                continue;
            segments.PlanAsked();
            crew.ToScout(new ScoutProtocol.PlanSegments(segments.Source, position));
        }
    }

    private void Learn(SegmentJob job, int writersAtWork)
    {
        if (job.Compressed is not { } frame)
            return;
        if (job.Effort != CompressEffort.Store)
            choice.Compressed(job.LengthBytes, job.CompressUs, shrank: !frame.IsStored);
        choice.Written(job.Written.WrittenBytes, job.Written.ElapsedUs, writersAtWork);
    }

    private void ReturnLeases(SegmentJob job)
    {
        if (pool.Return(job.Lease))
            workers.Back(job.Route, job.Frame is not null);
        if (job.Frame is not null)
            _ = pool.Return(job.Frame);
    }
}
