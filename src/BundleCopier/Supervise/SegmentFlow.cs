using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Write;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Starts segments and counts them when they have settled. A segment starts only when there is a lease for all that it
/// needs (two where it is compressed); the lease comes back with the writer's report. There is no other
/// back-pressure, and none is needed: only leases hold data, and no segment in flight waits for a lease. Pure and
/// synchronous.
/// </summary>
internal sealed class SegmentFlow
{
    // A segment that kills two workers has met a bug of ours, and is given up.
    private const int MaxKills = 2;
    private const int MaxDeaths = 64;

    // Waiting segments of a file below which the scout is asked for more; a plan brings up to 64.
    private const int PlanLowWater = 32;

    // A frame has headers and padding around it, and perhaps a frame of zeros before it.
    private const int MaxAroundFrameBytes = 32 << 10;

    private readonly IoBoard board;
    private readonly SlabPool pool;
    private readonly LeaseShares shares;
    private readonly ICrew crew;
    private readonly WorkerPool workers;
    private readonly CompressChoice choice;

    // The files that are being copied, by index: the more important file is always served first.
    private readonly List<FileSegments> files = [];
    private readonly Dictionary<SegmentJob, FileSegments> inFlight = [];
    private readonly Predicate<FileSegments> canStart; // made once: it is asked for each segment
    private readonly ReaderOrders orders;
    private int deaths;
    private SegmentJob? guilty;

    /// <param name="settings">How the copy is made.</param>
    /// <param name="board">The limits.</param>
    /// <param name="pool">The budget.</param>
    /// <param name="crew">Gets the orders.</param>
    public SegmentFlow(CopySettings settings, IoBoard board, SlabPool pool, ICrew crew)
    {
        this.board = board;
        this.pool = pool;
        shares = new LeaseShares(pool);
        canStart = file => shares.CanStart(file, files);
        Journal = new JournalNotes(pool.BudgetBytes);
        this.crew = crew;
        workers =
            new WorkerPool(settings.ReaderThreads, settings.CompressorThreads, settings.WriterThreads, board.Limits);
        Space = new SpaceLedger(settings.DestinationKeepFree != DiskAmount.None);
        choice = new CompressChoice(settings.CompressorThreads, settings.WriterMaxRateBytes);
        orders = new ReaderOrders(settings.ReaderThreads);
    }

    /// <summary>What the journal gets.</summary>
    public JournalNotes Journal { get; }

    /// <summary>Data that has settled, in bytes: it is on disk, or was found to be zeros.</summary>
    public long SettledDataBytes { get; private set; }

    /// <summary>Segments that are on disk, or have failed.</summary>
    public long SettledCount { get; private set; }

    /// <summary>The most important file that is being copied; null where there is none.</summary>
    public string? CurrentFile => files.Count == 0 ? null : files[0].Source.Planned.Name;

    /// <summary>What holds the copy back now; null for nothing.</summary>
    public CopyHold? HeldBackBy => board.Limits.HeldBackBy switch
    {
        Strain.Disk => CopyHold.Disk,
        Strain.Memory => CopyHold.Memory,
        _ => board.CeilingRateBytes is null ? null : CopyHold.MaxRate,
    };

    /// <summary>Which file may use the free space of the destination.</summary>
    public SpaceLedger Space { get; }

    /// <summary>A worker has failed, and the crew is being stopped: no segment starts until it has.</summary>
    public bool IsRecalling { get; private set; }

    /// <summary>Writers do not wait for their writes from now on.</summary>
    public void Overlap() => workers.Overlap();

    /// <summary>A file is to be copied.</summary>
    /// <param name="file">Its segments.</param>
    /// <param name="stopCause">Why none of them may start; null where they may.</param>
    public void Add(FileSegments file, Fault? stopCause)
    {
        if (stopCause is not null)
            file.Stop(stopCause);
        int at = files.Count;
        while (at > 0 && files[at - 1].Index > file.Index)
            at--;
        files.Insert(at, file);
    }

    /// <summary>Files all of whose segments have settled or are given up. They are no longer copied here.</summary>
    public IReadOnlyList<FileSegments> TakeDrained()
    {
        List<FileSegments> drained = files.FindAll(static file => file.IsDrained);
        if (drained.Count > 0)
            files.RemoveAll(static file => file.IsDrained);
        foreach (FileSegments file in drained)
            file.FixSize();
        return drained;
    }

    /// <summary>
    /// No segment starts any more. Segments that have started settle as soon as their writes in flight have ended.
    /// </summary>
    public void Stop(Fault cause)
    {
        board.Stop(cause);
        crew.HurryWriters();
        foreach (FileSegments file in files)
            file.Stop(cause);
    }

    /// <summary>The files that a filesystem has that does not answer get no further segment.</summary>
    public void StopHung(HungSources hung)
    {
        foreach (FileSegments file in files)
        {
            if (hung.FaultOf(file.Source.Planned.Source) is { } fault)
                file.Stop(fault);
        }
    }

    /// <summary>A writer's report: the credit of these segments is back.</summary>
    public void Settled(SegmentsSettled report)
    {
        workers.Reported(report.Writer, report.RanDry);
        SettledCount += report.Jobs.Length;
        int writersAtWork = workers.WritersAtWork;
        foreach (SegmentJob job in report.Jobs)
        {
            if (!inFlight.Remove(job, out FileSegments? file))
                throw new InvalidOperationException(
                    $"Segment {job.Segment} of file {job.File.Index} has settled twice.");
            choice.Settled(job, writersAtWork);
            if (!job.Written.IsSourceLost)
                SettledDataBytes += job.SavedDataBytes;
            Space.Settled(
                file.Index, job.SpaceBytes, job.Kept is null ? job.Written.WrittenBytes : 0,
                job.Written.IsSourceLost || job.Kept is not null ? 0 : job.Read.DataBytes);
            if (job.Written.Fault is { Kind: FaultKind.NoSpace })
                Space.Filled();
            file.Settled(job);
            ReturnLeases(job);
        }

        if (Journal.TakeIfDue() is { } entries)
            crew.ToKeeper(new KeeperProtocol.JournalSegments(entries));
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

    /// <summary>All workers have stopped: their jobs are recalled and start once more with the next crew.</summary>
    /// <returns>True when so many workers have died that going on makes no sense.</returns>
    public bool CrewStopped()
    {
        foreach ((SegmentJob job, FileSegments file) in inFlight)
        {
            if (job.IsHung)
                job.LoseSlab();
            job.Lease.Reclaim();
            job.Frame?.Reclaim();
            Space.Settled(file.Index, job.SpaceBytes, job.SpaceBytes, dataBytes: 0);
            file.Recalled(job, isGuilty: job == guilty, MaxKills);
            ReturnLeases(job);
        }

        inFlight.Clear();
        guilty = null;
        IsRecalling = false;
        foreach (FileSegments file in files)
            file.Restart();
        return deaths > MaxDeaths;
    }

    /// <summary>Starts the segments that the limits and the budget allow.</summary>
    public void Dispatch()
    {
        if (IsRecalling)
            return;
        IoLimits limits = board.Limits;
        choice.LimitRate(limits.RateBytes);
        while (files.Find(canStart) is { } file && TryStart(file, limits))
        {
        }

        orders.SendTo(crew);
        PlanAhead();
        if (Space.TryAsk())
            crew.ToKeeper(new KeeperProtocol.MeasureSpace());
    }

    /// <summary>What is in flight and under which limits.</summary>
    public void Describe(StateReport report)
    {
        IoLimits limits = board.Limits;
        report.Line($"{pool.InFlight} of {pool.Capacity} leases out, {workers.InFlight} slabs in flight, "
            + $"{board.InFlight} of {limits.Pieces} writes in flight, of at most {limits.PieceBytes} bytes"
            + (board.RateBytes is { } rate ? $", at most {rate} bytes a second" : "")
            + (IsRecalling ? ", recalling all segments after a bug" : ""));
        foreach (SegmentJob job in inFlight.Keys)
            report.Segment(job);
    }

    private bool TryStart(FileSegments file, IoLimits limits)
    {
        FilePair pair = file.Pair;
        bool isCompressed = pair.Source.IsCompressed;
        bool getsFrame = isCompressed && file.Next.Kept is null;
        int leases = getsFrame ? 2 : 1;
        if (Math.Min(pool.Capacity, limits.MaxLeases) - pool.InFlight < leases
            || workers.Find(limits, getsFrame, pair.Writer, pair.Reader) is not { } route)
            return false;
        if (SmallFileBatch.CanShare(file)
            && SmallFileBatch.Find(files, file) is { Count: > 1 } batch
            && Space.IsAmple(batch.Sum(SmallFileBatch.PartBytes)))
        {
            StartBatch(batch, route);
        }
        else
        {
            // A segment that an earlier run has written is only compared.
            long spaceBytes = file.Next.Kept is not null ? 0
                : Alignment.Up(SegmentGrid.LengthOf(file.Next.Segment, pair.Source.Status.SizeBytes))
                    + (isCompressed ? MaxAroundFrameBytes : 0);
            if ((spaceBytes == 0 ? long.MaxValue : Space.RoomFor(file.Index, spaceBytes)) is not { } roomBytes)
                return false;
            if (roomBytes == 0)
            {
                file.Stop(Fault.Of(FaultKind.KeptFree));
                return true;
            }

            if (isCompressed)
                pair.Writer = route.Writer;
            if (pair.Source.Stream is not null)
                pair.Reader = route.Reader;
            orders.Add(Job(file, route, pool.Rent(), getsFrame ? pool.Rent() : null, spaceBytes, roomBytes));
        }

        workers.Started(route, getsFrame);
        return true;
    }

    private SegmentJob Job(
        FileSegments file, JobRoute route, Lease lease, Lease? frame, long spaceBytes, long roomBytes = long.MaxValue)
    {
        Space.Started(spaceBytes);
        OpenedSource source = file.Source;
        PendingSegment next = file.TakeNext(out int ordinal);
        ReadMode mode = next.BySlab ? ReadMode.Slab : source.ReadModeOf(next.Segment);
        SegmentJob job = new(file.Pair, next.Segment, mode, lease, frame)
        {
            Route = route,
            Kills = next.Kills,
            IsRewrite = next.IsRewrite,
            Kept = next.Kept,
            Ordinal = ordinal,
            SpaceBytes = spaceBytes,
            RoomBytes = roomBytes,
            Effort = source.Compression == Compression.Auto ? choice.Next() : CompressEffort.Compress,
        };
        job.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        inFlight.Add(job, file);
        return job;
    }

    /// <summary>
    /// Small files share a slab and an order; each has its own part of the slab, its own job and its own result.
    /// </summary>
    private void StartBatch(List<FileSegments> batch, JobRoute route)
    {
        Lease slab = pool.Rent();
        SegmentJob[] jobs = new SegmentJob[batch.Count];
        int offset = 0;
        for (int i = 0; i < jobs.Length; i++)
        {
            int partBytes = SmallFileBatch.PartBytes(batch[i]);
            jobs[i] = Job(batch[i], route, slab.LendPart(offset, partBytes), frame: null, partBytes);
            jobs[i].Batch = jobs;
            offset += partBytes;
            orders.Add(jobs[i]);
        }
    }

    private void PlanAhead()
    {
        foreach (FileSegments file in files)
        {
            if (file is not { Pending: < PlanLowWater, WantsPlanFrom: { } position })
                continue;
            file.PlanAsked();
            crew.ToScout(new ScoutProtocol.PlanSegments(file.Source, position));
        }
    }

    private void ReturnLeases(SegmentJob job)
    {
        if (pool.Return(job.Lease))
            workers.Settled(job.Route, job.Frame is not null);
        if (job.Frame is not null)
            _ = pool.Return(job.Frame);
    }
}
