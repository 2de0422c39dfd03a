using BundleCopier.Elf;
using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Plan;
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

    // A core of which more is missing gets the size that was read: few filesystems have files of more than 16 TiB.
    private const long MaxMissingBytes = 8L << 40;

    private readonly LinkedList<PendingSegment> pending = new();
    private readonly FrameStream? stream; // of a compressed file
    private readonly JournalNotes journal;
    private readonly KeptSegments kept;
    private bool isJournaled = true;
    private bool isPlanned;
    private bool isPlanAsked;
    private Fault? endRefusal;
    private bool hasNoEnd;
    private Fault? stopCause;
    private long position; // the end of what is planned
    private long contentEnd; // of a stream: the end of what was handed on

    /// <param name="pair">The source and the output.</param>
    /// <param name="plan">The first segments.</param>
    /// <param name="kept">What an earlier run has written, in order; empty for a new output.</param>
    /// <param name="journal">Gets the segments that are on disk.</param>
    public FileSegments(
        FilePair pair, SegmentPlan plan, KeptList kept, JournalNotes journal)
    {
        Pair = pair;
        this.journal = journal;
        Saved = new SavedContent(pair.Source);
        stream = pair.Source.IsCompressed ? new FrameStream(Count, EndBefore) : null;
        this.kept = new KeptSegments(kept, Saved, stream);
        pair.Placer = stream?.NewPlacer();
        isJournaled = pair.Source.Planned.Stream is null; // a later run could not read the rest of it
        AddPlan(plan);
    }

    public FilePair Pair { get; }

    /// <summary>The file's place in the order of the bundle.</summary>
    public int Index => Pair.Index;

    public OpenedSource Source => Pair.Source;

    /// <summary>What is in the output, and what is missing and why.</summary>
    public SavedContent Saved { get; }

    /// <inheritdoc cref="KeptSegments.IsUnproven"/>
    public bool IsKeptUnproven => kept.IsUnproven;

    /// <summary>Segments in flight.</summary>
    public int InFlight { get; private set; }

    /// <summary>Segments that are known to hold data and wait for a lease.</summary>
    public int Pending => pending.Count;

    /// <summary>The segment that starts next; there must be one.</summary>
    public PendingSegment Next => (pending.First ?? throw new InvalidOperationException("No segment waits.")).Value;

    /// <summary>Where the scout goes on; null while it has been asked, and when it has found everything.</summary>
    public long? WantsPlanFrom => isPlanned || isPlanAsked ? null : position;

    /// <summary>All that was planned has settled, or is known to be missing.</summary>
    public bool IsDrained => isPlanned && !isPlanAsked && pending.Count == 0 && InFlight == 0;

    /// <summary>There is something in the output that is worth keeping.</summary>
    public bool HasContent => !hasNoEnd && Saved.IsWorthKeeping;

    /// <summary>The scout has been asked for the next segments.</summary>
    public void PlanAsked() => isPlanAsked = true;

    /// <summary>Adds the next segments.</summary>
    public void AddPlan(SegmentPlan plan)
    {
        isPlanAsked = false;
        if (stopCause is not null || isPlanned)
            return;
        foreach (long segment in plan.Segments)
            pending.AddLast(kept.Plan(segment));
        position = plan.Position;
        isPlanned = plan.IsLast;
        if (plan.Fault is not null)
        {
            kept.MissUnplanned(position, Source, plan.Fault);
        }
        else if (isPlanned)
        {
            foreach (PendingSegment hole in kept.PlanHoles())
                pending.AddLast(hole);
        }
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
        if (Source.Stream is { } read && !CountStream(read, job))
            return;
        if (job.Written.IsSourceLost)
            Retry(job, kills: job.Kills);
        else if (job is { Kept: { } segment, Read.Fault: { } cause })
            kept.Unproven(segment, cause);
        else if (job.Kept is not null && stream is not null)
            kept.Compared(job.Written.IsKeptOther); // its frame counts already
        else if (job is { Kept: not null, HasBegun: false })
            Saved.CountKept(SettledSegment.Of(job)); // the journal has it already
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
        if (Source.Stream is not null)
        {
            // What was read of it is lost.
            GiveUp(job);
            Stop(Fault.Of(FaultKind.WorkerDied, $"at offset {job.StartOffset}"));
            return;
        }

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
                Saved.MissSegment(segment.Segment, stopCause);
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
        if (Source.Stream is { } read)
        {
            read.Cut();
            pending.Clear();
            isPlanned = true;
            return;
        }

        foreach (PendingSegment next in pending)
        {
            if (next.Kept is null)
                Saved.MissSegment(next.Segment, fault);
            else
                kept.Unproven(next.Kept);
        }

        pending.Clear();
        if (!isPlanned)
            kept.MissUnplanned(position, Source, fault);
        isPlanned = true;
    }

    /// <summary>
    /// A stream has ended, and nothing of it is in flight: its size is known now. A core that is not whole has the size
    /// that its headers give.
    /// </summary>
    public void FixSize()
    {
        if (Source.Stream is not { } read)
            return;
        CoreVerdict? core = read.Conclude();
        Fault? fault = read.HasReachedEnd ? null : read.Fault ?? stopCause;
        if (fault is null && core is { IsWhole: false })
            fault = CutFault(core, read.Position);
        long sizeBytes = core?.ExpectedBytes is { } wanted && wanted - read.Position is > 0 and <= MaxMissingBytes
            ? wanted
            : read.Position;
        Pair.Source = Source.WithSize(sizeBytes, core);
        Saved.FixSize(Pair.Source);
        if (contentEnd < read.Position)
            Saved.Miss(contentEnd, read.Position, fault ?? Fault.Of(FaultKind.WorkerDied));
        if (fault is null)
            return;
        Saved.Miss(read.Position, sizeBytes, fault);
        Saved.Blame(fault);
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
            Saved.Blame(full);
        }

        stream.Break();
    }

    /// <summary>How a compressed file ends; null for a raw file, and where nothing is worth keeping.</summary>
    public StreamEnd? EndStream()
    {
        if (stream is null || !HasContent)
            return null;
        if (stream.IsBroken && (endRefusal ?? Saved.Fault) is { Kind: FaultKind.NoSpace or FaultKind.KeptFree } full)
        {
            Saved.CutAt(stream.MakeRoom(), full);
            if (!HasContent)
                return null;
        }

        if (stopCause is { IsStop: true } && Saved.WantedEnd - stream.ContentEnd > MaxZerosAfterStopBytes)
        {
            Saved.CutAt(SegmentGrid.CountOf(stream.ContentEnd), stopCause);
            if (!HasContent)
                return null;
        }

        return stream.End(Saved.WantedEnd, Source.Status.SizeBytes);
    }

    private static Fault CutFault(CoreVerdict core, long position) => Fault.Of(
        FaultKind.CoreCut,
        !core.IsElf ? "it has no ELF headers of a core"
            : core.ExpectedBytes is { } wanted ? $"it ended at {position} of {wanted} bytes"
            : $"it ended at {position}, before the end of its headers");

    /// <summary>A segment of a stream has settled. False where it has no bytes: the stream ended before it.</summary>
    private bool CountStream(StreamState read, SegmentJob job)
    {
        if (read.HasEnded || read.IsCut)
        {
            pending.Clear();
            isPlanned = true;
        }

        if (job.Read.ValidBytes == 0)
            return false;
        contentEnd = Math.Max(contentEnd, job.StartOffset + job.Read.ValidBytes);
        return true;
    }

    private void Retry(SegmentJob job, int kills)
    {
        if (stopCause is not null)
        {
            if (job is { Kept: { } last, HasBegun: false })
                kept.Unproven(last);
            else
                Saved.MissSegment(job.Segment, stopCause);
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
        Saved.Count(segment);
        if (segment.Fault is not null)
            LeaveJournal();
        else if (isJournaled && segment.ToKeep() is { } done)
            journal.Add(new JournalEntry(Index, done));
    }

    private void GiveUp(SegmentJob job)
    {
        Saved.MissSegment(job.Segment, Fault.Of(FaultKind.WorkerDied, $"at offset {job.StartOffset}"));
        LeaveJournal();
    }

    /// <summary>
    /// A segment of a stream is not whole: a later run would take it for zeros, and could not find the frames behind
    /// it.
    /// </summary>
    private void LeaveJournal() => isJournaled &= stream is null;

    /// <summary>
    /// A frame of a compressed file could not be written. A reader of the stream could not find what is behind it, so
    /// the stream ends here.
    /// </summary>
    private void EndBefore(long segment, Fault fault)
    {
        Stop(fault);
        Saved.CutAt(segment, fault);
    }
}
