using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Segments;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>A segment that waits for a lease.</summary>
/// <param name="Segment">Its number.</param>
/// <param name="Kills">Workers that a bug killed while they held it.</param>
/// <param name="IsRewrite">Some of it may have been written before, from other bytes.</param>
/// <param name="BySlab">It must not go by mapping.</param>
/// <param name="Kept">See <see cref="SegmentJob.Kept"/>.</param>
internal readonly record struct PendingSegment(
    long Segment, int Kills = 0, bool IsRewrite = false, bool BySlab = false, KeptSegment? Kept = null);

/// <summary>
/// The segments of one file: which wait, how many are in flight, what has settled, and what is missing and why. Pure.
/// </summary>
internal sealed class FileSegments
{
    // A compressed file needs 20 KiB for each 4 MiB of zeros, and a copy that was stopped has no time for many.
    private const long MaxZerosAfterStopBytes = 256L << 20;

    private static readonly Dictionary<long, KeptSegment> None = [];

    private readonly FileChecksum checksum = new();
    private readonly List<Extent> missing = [];
    private readonly LinkedList<PendingSegment> pending = new();
    private readonly FrameStream? stream; // of a compressed file
    private readonly JournalNotes journal;
    private readonly Dictionary<long, KeptSegment> kept; // those that are not planned yet
    private bool isJournaled = true;
    private bool isPlanned;
    private bool isPlanAsked;
    private Fault? endRefusal;
    private bool hasNoEnd;
    private Fault? stopCause;
    private long savedBytes;
    private RangeSet? covered; // made from `missing` when it is asked for; null after a change
    private long mappedMinusReadBytes;

    /// <param name="pair">The source and the output.</param>
    /// <param name="plan">The first segments.</param>
    /// <param name="kept">What an earlier run has written, in order; empty for a new output.</param>
    /// <param name="journal">Gets the segments that are on disk.</param>
    public FileSegments(
        FilePair pair, SegmentPlan plan, IReadOnlyList<KeptSegment> kept, JournalNotes journal)
    {
        Pair = pair;
        this.journal = journal;
        this.kept = kept.Count == 0 ? None : kept.ToDictionary(static k => k.Segment);
        if (pair.Source.IsCompressed)
        {
            stream = new FrameStream(Count, EndBefore);
            stream.Restore(kept);
            pair.Placer = stream.NewPlacer();
            foreach (KeptSegment frame in kept)
                Keep(frame);
        }

        AddPlan(plan);
    }

    public FilePair Pair { get; }

    /// <summary>The file's place in the order of the bundle.</summary>
    public int Index => Pair.Index;

    public OpenedSource Source => Pair.Source;

    /// <summary>
    /// What an earlier run has written is in the output, and was not found again in the source: the source has changed,
    /// or there was no time to look.
    /// </summary>
    public bool IsKeptUnproven { get; private set; }

    /// <summary>Segments in flight.</summary>
    public int InFlight { get; private set; }

    /// <summary>Segments that are known to hold data and wait for a lease.</summary>
    public int Pending => pending.Count;

    /// <summary>The segment that starts next; there must be one.</summary>
    public PendingSegment Next => (pending.First ?? throw new InvalidOperationException("No segment waits.")).Value;

    /// <summary>Where the scout goes on; null while it has been asked, and when it has found everything.</summary>
    public long? WantsPlanFrom => isPlanned || isPlanAsked ? null : Position;

    /// <summary>All that was planned has settled, or is known to be missing.</summary>
    public bool IsDrained => isPlanned && !isPlanAsked && pending.Count == 0 && InFlight == 0;

    /// <summary>Data that is saved, in bytes: it is in the output, or was found to be zeros.</summary>
    public long DataBytes => missing.Count == 0 ? savedBytes : Math.Min(savedBytes, Covered.TotalBytes);

    public long WrittenBytes { get; set; }

    /// <summary>The first thing that went wrong; what follows from it is not worth telling.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>There is something in the output that is worth keeping.</summary>
    public bool HasContent => !hasNoEnd && (Fault is null || !Covered.IsEmpty || Source.Ranges.IsEmpty);

    /// <summary>What is really in the output.</summary>
    public RangeSet Covered =>
        covered ??= missing.Count == 0 ? Source.Ranges : Source.Ranges.Without(RangeSet.Of(missing));

    /// <summary>How most of its bytes were read; before any were, how they would be.</summary>
    public ReadMode ReadMode =>
        mappedMinusReadBytes == 0 ? Source.ReadMode : mappedMinusReadBytes > 0 ? ReadMode.Map : ReadMode.Slab;

    private long Position { get; set; }

    // Zeros behind the last frame are content too, as far as they are known to be zeros.
    private long WantedEnd =>
        missing.Count == 0 ? Source.Status.SizeBytes : Covered.IsEmpty ? 0 : Covered.AsSpan()[^1].End;

    /// <summary>
    /// The hashes of a raw file's segments, to store beside the receipt; null where they would not tell more than the
    /// checksum of the file.
    /// </summary>
    public IReadOnlyList<SegmentDigest>? SegmentsToStore =>
        stream is null && checksum.Count > 0 && Source.Status.SizeBytes > SegmentGrid.SegmentBytes
            ? checksum.InOrder() : null;

    public ulong CompleteChecksum() => checksum.Complete(Source.Status.SizeBytes);

    /// <summary>The scout has been asked for the next segments.</summary>
    public void PlanAsked() => isPlanAsked = true;

    /// <summary>Adds the next segments.</summary>
    public void AddPlan(SegmentPlan plan)
    {
        isPlanAsked = false;
        if (stopCause is not null)
            return;
        foreach (long segment in plan.Segments)
            pending.AddLast(Plan(segment));
        Position = plan.Position;
        isPlanned = plan.IsLast;
        if (plan.Fault is not null)
            MissUnplanned(plan.Fault);
        else if (isPlanned)
            FindHoles();
    }

    /// <summary>The next segment starts.</summary>
    /// <param name="ordinal">For a compressed file: its place in the order of the frames.</param>
    public PendingSegment TakeNext(out int ordinal)
    {
        PendingSegment next = Next;
        pending.RemoveFirst();
        InFlight++;
        ordinal = next.Kept is null && stream is not null ? stream.TakeOrdinal() : 0;
        return next;
    }

    /// <summary>
    /// A job has settled. What its window did not hold is copied once more, by slab; that is no fault.
    /// </summary>
    public void Settled(SegmentJob job)
    {
        InFlight--;
        if (job.Written.IsSourceLost)
            Retry(job, kills: job.Kills);
        else if (job is { Kept: { } kept, Read.Fault: { } cause })
            KeepUnproven(kept, cause);
        else if (job.Kept is not null && stream is not null)
            IsKeptUnproven |= job.Written.IsKeptOther; // its frame counts already
        else if (stream is null)
            Count(SettledSegment.Of(job));
        else
            stream.Settled(job.Ordinal, SettledSegment.Of(job));
    }

    /// <summary>
    /// The crew was stopped while it held this job. The segment is copied once more, unless it has killed two
    /// workers.
    /// </summary>
    /// <param name="job">The job; nothing works on it any more.</param>
    /// <param name="isGuilty">A worker met a bug while it worked on it.</param>
    /// <param name="maxKills">Kills after which the segment is given up.</param>
    public void Recalled(SegmentJob job, bool isGuilty, int maxKills)
    {
        InFlight--;
        int kills = job.Kills + (isGuilty ? 1 : 0);
        if (kills < maxKills)
            Retry(job, kills);
        else
            GiveUp(job);
    }

    /// <summary>
    /// After a crew was stopped: frames behind the first gap of a compressed file lose their places, so their
    /// segments are copied once more, in order. A new crew gets a new placer.
    /// </summary>
    public void Restart()
    {
        if (stream is null)
            return;
        foreach (long segment in stream.Restart())
            pending.AddFirst(new PendingSegment(segment));
        List<PendingSegment> inOrder = [.. pending.OrderBy(static p => p.Segment)];
        pending.Clear();
        if (stopCause is not null)
        {
            foreach (PendingSegment segment in inOrder)
                MissSegment(segment.Segment, stopCause);
        }
        else
        {
            foreach (PendingSegment segment in inOrder)
                pending.AddLast(segment);
        }

        Pair.Placer = stream.NewPlacer();
        Pair.Writer = -1;
    }

    /// <summary>Drops all segments that have not started.</summary>
    public void Stop(Fault fault)
    {
        if (stopCause is not null)
            return;
        stopCause = fault;
        foreach (PendingSegment next in pending)
        {
            if (next.Kept is null)
                MissSegment(next.Segment, fault);
            else
                KeepUnproven(next.Kept);
        }

        pending.Clear();
        if (!isPlanned)
            MissUnplanned(fault);
        isPlanned = true;
    }

    /// <summary>Something is wrong with the file as a whole, and nothing is missing from the output.</summary>
    public void Blame(Fault fault) => Fault ??= fault;

    /// <summary>
    /// Gives up the shortest pieces of a file that failures have split into too many for the receipt: what the receipt
    /// lists is still true then, but it lists less. Whole segments are given up, because each has one hash.
    /// </summary>
    public void LimitRanges(int maxRanges)
    {
        if (Covered.Count <= maxRanges)
            return;
        HashSet<long> lost = [];
        foreach (Extent piece in Covered.AsSpan().ToArray().OrderByDescending(static p => p.Length).Skip(maxRanges))
        {
            for (long segment = SegmentGrid.IndexOf(piece.Offset); segment <= SegmentGrid.IndexOf(piece.End - 1);
                segment++)
            {
                lost.Add(segment);
            }
        }

        missing.AddRange(lost.Select(static segment =>
            new Extent(SegmentGrid.StartOfSegment(segment), SegmentGrid.SegmentBytes)));
        covered = null;
        checksum.Remove(lost);
    }

    /// <summary>
    /// The disk has no space for the end of the stream: <see cref="EndStream"/> gives up more frames.
    /// </summary>
    public void RefuseEnd(Fault full)
    {
        endRefusal = full;
        // Not even the end of an empty stream fits: the file gets no output.
        if (stream!.IsEmpty)
        {
            hasNoEnd = true;
            Blame(full);
        }

        stream.Break();
    }

    /// <summary>How a compressed file ends; null for a raw file, and where nothing is worth keeping.</summary>
    public StreamEnd? EndStream()
    {
        if (stream is null || !HasContent)
            return null;
        if (stream.IsBroken && (endRefusal ?? Fault) is { Kind: FaultKind.NoSpace or FaultKind.KeptFree } full)
        {
            long cutAt = stream.MakeRoom();
            Forget(cutAt, full);
            if (!HasContent)
                return null;
        }

        if (stopCause is { IsStop: true } && WantedEnd - stream.ContentEnd > MaxZerosAfterStopBytes)
        {
            Forget(SegmentGrid.CountOf(stream.ContentEnd), stopCause);
            if (!HasContent)
                return null;
        }

        return stream.End(WantedEnd, Source.Status.SizeBytes);
    }

    private PendingSegment Plan(long segment)
    {
        if (kept.Remove(segment, out KeptSegment? found))
            return new PendingSegment(segment, BySlab: true, Kept: found);
        // No frame can be put in between the frames of an earlier run. That run found only zeros here.
        return stream is not null && SegmentGrid.StartOfSegment(segment) < stream.ContentEnd
            ? new PendingSegment(segment, BySlab: true, Kept: new KeptSegment(segment, null, 0, 0))
            : new PendingSegment(segment);
    }

    /// <summary>Where an earlier run found data, the source has none any more.</summary>
    private void FindHoles()
    {
        if (stream is null)
        {
            foreach (long segment in kept.Keys.Order())
                pending.AddLast(new PendingSegment(segment, IsRewrite: true, BySlab: true));
        }
        else
        {
            IsKeptUnproven |= kept.Count > 0;
        }

        kept.Clear();
    }

    /// <summary>What was not planned is missing, but for what an earlier run has written.</summary>
    private void MissUnplanned(Fault fault)
    {
        long from = stream is null
            ? Position
            : Math.Max(Position, Math.Min(stream.ContentEnd, Source.Status.SizeBytes));
        IEnumerable<KeptSegment> raw = stream is null ? kept.Values.OrderBy(static k => k.Segment) : [];
        foreach (KeptSegment segment in raw)
        {
            Miss(from, SegmentGrid.StartOfSegment(segment.Segment), fault);
            KeepUnproven(segment);
            from = SegmentGrid.StartOfSegment(segment.Segment + 1);
        }

        kept.Clear();
        if (Source.Ranges.From(from) is not null)
            Miss(from, Source.Status.SizeBytes, fault);
    }

    /// <summary>
    /// The source could not be compared. A fault of the source is told, although the bytes are saved.
    /// </summary>
    private void KeepUnproven(KeptSegment segment, Fault cause)
    {
        if (!cause.IsStop)
            Blame(cause);
        KeepUnproven(segment);
    }

    private void KeepUnproven(KeptSegment segment)
    {
        IsKeptUnproven = true;
        if (stream is null)
            Keep(segment);
    }

    private void Keep(KeptSegment segment)
    {
        if (segment.Digest is { } digest)
            checksum.Add(segment.Segment, digest);
        savedBytes += segment.DataBytes;
        WrittenBytes += segment.WrittenBytes;
        mappedMinusReadBytes -= segment.DataBytes;
    }

    private void Retry(SegmentJob job, int kills)
    {
        if (stopCause is not null)
        {
            if (job is { Kept: { } last, HasBegun: false })
                KeepUnproven(last);
            else
                MissSegment(job.Segment, stopCause);
            return;
        }

        if (job is { Kept: { } again, HasBegun: false })
        {
            pending.AddLast(new PendingSegment(job.Segment, kills, BySlab: true, Kept: again));
            return;
        }

        bool isRewrite = stream is null && (job.IsRewrite || job.HasBegun);
        bool bySlab = job.Written.IsSourceLost || isRewrite || kills > 0
            || (job.Mode == ReadMode.Slab && Source.ReadMode == ReadMode.Map);
        pending.AddLast(new PendingSegment(job.Segment, kills, isRewrite, bySlab));
    }

    private void Count(SettledSegment segment)
    {
        Fault? fault = segment.Read.Fault ?? segment.Written.Fault;
        if (fault is not null)
        {
            long start = SegmentGrid.StartOfSegment(segment.Segment);
            int validBytes = Math.Min(segment.Read.ValidBytes, segment.Written.ValidBytes);
            Miss(start + validBytes, start + SegmentGrid.SegmentBytes, fault);
            LeaveJournal();
        }

        if (segment.Digest is { } digest)
        {
            checksum.Add(segment.Segment, digest);
            Note(segment, digest, fault);
        }

        savedBytes += segment.SavedDataBytes;
        WrittenBytes += segment.Written.WrittenBytes;
        mappedMinusReadBytes += segment.Mode == ReadMode.Map ? segment.Read.DataBytes : -segment.Read.DataBytes;
    }

    private void GiveUp(SegmentJob job)
    {
        MissSegment(job.Segment, Fault.Of(FaultKind.WorkerDied, $"at offset {job.StartOffset}"));
        LeaveJournal();
    }

    /// <summary>
    /// A segment of a stream is not whole: a later run would take it for zeros, and could not find the frames behind
    /// it.
    /// </summary>
    private void LeaveJournal() => isJournaled &= stream is null;

    private void Note(in SettledSegment segment, ulong digest, Fault? fault)
    {
        if (fault is not null || !isJournaled)
            return;
        journal.Add(new JournalEntry(Index, new KeptSegment(
            segment.Segment,
            digest,
            segment.SavedDataBytes,
            segment.Written.WrittenBytes,
            segment.Entry,
            segment.FrameEnd)));
    }

    /// <summary>
    /// A frame of a compressed file could not be written. A reader of the stream could not find what is behind it, so
    /// the stream ends here.
    /// </summary>
    private void EndBefore(long segment, Fault fault)
    {
        Stop(fault);
        Forget(segment, fault);
    }

    private void Forget(long fromSegment, Fault fault)
    {
        Miss(SegmentGrid.StartOfSegment(fromSegment), Source.Status.SizeBytes, fault);
        checksum.CutAt(fromSegment);
    }

    private void MissSegment(long segment, Fault fault)
    {
        long start = SegmentGrid.StartOfSegment(segment);
        Miss(start, start + SegmentGrid.SegmentBytes, fault);
    }

    private void Miss(long start, long end, Fault fault)
    {
        Fault ??= fault;
        if (end <= start)
            return;
        missing.Add(Extent.Between(start, end));
        covered = null;
    }
}
