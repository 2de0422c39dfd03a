using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>Where a file is on its way through a copy.</summary>
internal enum FileStage
{
    Waiting,
    Opening,
    Creating,
    Copying,
    Releasing,
    Finishing,
    Done,
}

/// <summary>One file of a copy: where it is on its way, and what is known to be missing from it.</summary>
internal sealed class FileRecord(PlannedFile planned)
{
    private List<Extent>? missing;
    private FileChecksum? checksum;

    public PlannedFile Planned => planned;

    public FileStage Stage { get; set; }

    public OpenedSource? Source { get; private set; }

    public IOutputFile? Output { get; set; }

    /// <summary>Segments that are planned and not yet on their way, with the attempts already made.</summary>
    public Queue<(long Segment, int Attempt)> Pending { get; } = new();

    /// <summary>Segments that are on their way.</summary>
    public int InFlight { get; set; }

    /// <summary>Where the plan goes on.</summary>
    public long Position { get; private set; }

    public bool IsPlanned { get; private set; }

    /// <summary>The scout has been asked to go on and has not answered.</summary>
    public bool IsPlanAsked { get; set; }

    public long DataBytes { get; set; }

    public long WrittenBytes { get; set; }

    public bool IsStable { get; set; }

    /// <summary>The first thing that went wrong; what follows from it is not worth telling.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Nothing in the output can be relied on.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Everything planned has arrived, or has been given up.</summary>
    public bool IsDrained => IsPlanned && !IsPlanAsked && Pending.Count == 0 && InFlight == 0;

    public void Open(OpenedSource source) => Source = source;

    public void Blame(Fault fault) => Fault ??= fault;

    public void Lose(Fault fault)
    {
        Fault = fault;
        IsLost = true;
    }

    public void Miss(long start, long end)
    {
        if (end > start)
            (missing ??= []).Add(Extent.Between(start, end));
    }

    public void AddPlan(SegmentPlan plan)
    {
        foreach (long segment in plan.Segments)
            Pending.Enqueue((segment, 0));
        Position = plan.Position;
        IsPlanned = plan.IsLast;
        if (plan.Fault is null)
            return;
        Blame(plan.Fault);
        Miss(plan.Position, Source!.Status.SizeBytes);
    }

    /// <summary>Gives up everything that is not on its way yet.</summary>
    public void GiveUp(Fault fault)
    {
        while (Pending.TryDequeue(out (long Segment, int Attempt) next))
            MissSegment(next.Segment, fault);
        if (IsPlanned)
            return;
        IsPlanned = true;
        Blame(fault);
        Miss(Position, Source!.Status.SizeBytes);
    }

    public void MissSegment(long segment, Fault fault)
    {
        Blame(fault);
        long start = segment * Memory.SegmentGrid.SegmentBytes;
        Miss(start, start + Memory.SegmentGrid.SegmentBytes);
    }

    public void AddDigest(long segment, ulong digest) => (checksum ??= new FileChecksum()).Add(segment, digest);

    /// <summary>What is really in the output.</summary>
    public RangeSet Covered =>
        Source is null || Output is null || IsLost ? RangeSet.Empty
        : missing is null ? Source.Ranges
        : Source.Ranges.Without(RangeSet.Of(missing));

    /// <summary>There is an output that is worth keeping.</summary>
    public bool HasOutput => Output is not null && !IsLost && (!Covered.IsEmpty || Fault is null || Source!.Ranges.IsEmpty);

    public string CompleteChecksum() => (checksum ?? new FileChecksum()).Complete(Source!.Status.SizeBytes);
}
