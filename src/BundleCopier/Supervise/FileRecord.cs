using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>Where a file is on its way through a copy.</summary>
internal enum FileStage
{
    Opening,
    Creating,
    Copying,
    Releasing,
    Finishing,
}

/// <summary>One file while it is being copied: where it is on its way, and what is known to be missing from it.</summary>
internal sealed class FileRecord(PlannedFile planned)
{
    private readonly FileChecksum checksum = new();
    private readonly List<Extent> missing = [];
    private readonly Queue<(long Segment, int Attempt)> pending = new();
    private long position;
    private bool isPlanned;
    private long mappedMinusReadBytes;

    public PlannedFile Planned => planned;

    public FileStage Stage { get; set; }

    public OpenedSource? Source { get; private set; }

    public IOutputFile? Output { get; set; }

    /// <summary>Segments that are on their way.</summary>
    public int InFlight { get; set; }

    /// <summary>Segments that are known to hold data and wait for a lease.</summary>
    public int Pending => pending.Count;

    /// <summary>It is stored as it is, and so small that it pays to send it with others.</summary>
    public bool IsSmall => Source is { IsCompressed: false, Status.SizeBytes: <= SegmentFlow.MaxBunchedBytes };

    /// <summary>What waits has not been tried before.</summary>
    public bool IsPendingNew => pending.TryPeek(out (long Segment, int Attempt) next) && next.Attempt == 0;

    /// <summary>The scout has been asked to go on and has not answered.</summary>
    public bool IsPlanAsked { get; set; }

    /// <summary>What the scout may still find is not wanted any more.</summary>
    public bool IsGivenUp { get; private set; }

    public bool WantsPlan => !isPlanned && !IsPlanAsked;

    public long Position => position;

    /// <summary>Where the segments of a compressed file go; null for a file that is stored as it is.</summary>
    public FramePlacer<SegmentJob>? Tape { get; private set; }

    /// <summary>A compressed file ends before this segment, because it could not be written.</summary>
    public long BrokenAt { get; private set; } = long.MaxValue;

    public long DataBytes { get; set; }

    public long WrittenBytes { get; set; }

    /// <summary>The way that most of its bytes went; before any have, the way they would go.</summary>
    public ReadMode ReadMode => mappedMinusReadBytes == 0 ? Source!.ReadMode : mappedMinusReadBytes > 0 ? ReadMode.Map : ReadMode.Slab;

    public bool IsStable { get; set; }

    /// <summary>The first thing that went wrong; what follows from it is not worth telling.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Nothing in the output can be relied on.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Everything planned has arrived, or has been given up.</summary>
    public bool IsDrained => isPlanned && !IsPlanAsked && pending.Count == 0 && InFlight == 0;

    /// <summary>There is an output that is worth keeping.</summary>
    public bool HasOutput => Output is not null && !IsLost && (Fault is null || !Covered.IsEmpty || Source!.Ranges.IsEmpty);

    /// <summary>What is really in the output.</summary>
    public RangeSet Covered => missing.Count == 0 ? Source!.Ranges : Source!.Ranges.Without(RangeSet.Of(missing));

    public ulong CompleteChecksum() => checksum.Complete(Source!.Status.SizeBytes);

    public void Open(OpenedSource source)
    {
        Source = source;
        Tape = source.IsCompressed ? new FramePlacer<SegmentJob>() : null;
    }

    /// <summary>
    /// A segment of a compressed file could not be written. What is behind it could not be found by reading the stream, so
    /// the stream ends here.
    /// </summary>
    public void BreakAt(long segment, Fault fault)
    {
        GiveUp(fault);
        Blame(fault);
        BrokenAt = Math.Min(BrokenAt, segment);
        Miss(BrokenAt * SegmentGrid.SegmentBytes, Source!.Status.SizeBytes);
        checksum.CutAt(BrokenAt);
    }

    public (long Segment, int Attempt) TakePending() => pending.Dequeue();

    /// <summary>A segment must travel once more; it goes behind what waits already, which keeps the disk's order no worse.</summary>
    public void Retry(long segment, int attempt) => pending.Enqueue((segment, attempt));

    public void AddPlan(SegmentPlan plan)
    {
        foreach (long segment in plan.Segments)
            pending.Enqueue((segment, 0));
        position = plan.Position;
        isPlanned = plan.IsLast;
        if (plan.Fault is null)
            return;
        Blame(plan.Fault);
        Miss(position, Source!.Status.SizeBytes);
    }

    /// <summary>How the compressed file ends; null for a file that is stored as it is.</summary>
    public StreamEnd? EndTape()
    {
        if (Tape is null || !HasOutput)
            return null;
        Tape.CutAt(BrokenAt);
        if (BrokenAt != long.MaxValue && Fault is { Kind: FaultKind.NoSpace } full)
            MakeRoom(Tape, full);
        if (!HasOutput)
            return null;
        // Zeros behind the last frame are content too, as far as they are known to be zeros.
        RangeSet covered = Covered;
        long wantedEnd = missing.Count == 0 ? Source!.Status.SizeBytes : covered.IsEmpty ? 0 : covered.AsSpan()[^1].End;
        long contentEnd = Math.Min(Tape.ContentEnd, Source!.Status.SizeBytes);
        long zeroBytes = Math.Max(0, wantedEnd - contentEnd);
        return new StreamEnd(Tape.End, zeroBytes, contentEnd + zeroBytes, Tape.Entries, IsCut: BrokenAt != long.MaxValue);
    }

    // Without its seek table a stream is worth nothing, and a full disk has no room for one: the last frames make room.
    private void MakeRoom(FramePlacer<SegmentJob> tape, Fault full)
    {
        IReadOnlyList<SeekEntry> entries = tape.Entries;
        int kept = entries.Count;
        long needed = Alignment.Up((entries.Count * FrameFormat.EntryBytes) + FrameFormat.FooterBytes) + Alignment.Bytes;
        while (kept > 0 && (kept == entries.Count || tape.End - Alignment.Up(entries[kept].FrameOffset) < needed))
            kept--;
        // What is behind the last frame that stays is all zeros, and even those take room.
        BreakAt(kept == 0 ? 0 : entries[kept - 1].Segment + 1, full);
        tape.CutAt(BrokenAt);
    }

    public void Travelled(ReadMode travel, long dataBytes) => mappedMinusReadBytes += travel == ReadMode.Map ? dataBytes : -dataBytes;

    public void AddDigest(long segment, ulong digest)
    {
        if (segment < BrokenAt)
            checksum.Add(segment, digest);
    }

    public void Blame(Fault fault) => Fault ??= fault;

    /// <summary>Nothing of the file can be relied on: a worse fault than any that came before.</summary>
    public void Lose(Fault fault)
    {
        Fault = fault;
        IsLost = true;
    }

    public void Miss(long start, long end)
    {
        if (end > start)
            missing.Add(Extent.Between(start, end));
    }

    public void MissSegment(long segment, Fault fault)
    {
        Blame(fault);
        long start = segment * SegmentGrid.SegmentBytes;
        Miss(start, start + SegmentGrid.SegmentBytes);
    }

    /// <summary>Gives up everything that is not on its way yet.</summary>
    public void GiveUp(Fault fault)
    {
        IsGivenUp = true;
        while (pending.TryDequeue(out (long Segment, int Attempt) next))
            MissSegment(next.Segment, fault);
        if (isPlanned)
            return;
        isPlanned = true;
        if (Source!.Ranges.From(position) is null)
            return;
        Blame(fault);
        Miss(position, Source.Status.SizeBytes);
    }
}
