using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Restore;

/// <summary>A file that is stored raw. Its units are the segments with data.</summary>
internal sealed class RawContent(OpenedSource file) : IStoredContent
{
    private SegmentPlan plan = new([], 0, IsLast: false, null);
    private int taken;

    public long SizeBytes => file.Status.SizeBytes;

    public Result<long?, Damage> TakeUnit()
    {
        while (taken == plan.Segments.Length && !plan.IsLast)
        {
            plan = SourceScout.Plan(file, plan.Position);
            taken = 0;
        }

        if (taken < plan.Segments.Length)
            return plan.Segments[taken++];
        return DamageOf(plan.Fault, plan.Position) is { } damage ? damage : Result<long?, Damage>.Ok(null);
    }

    public Result<long?, Damage> Load(long unit, Scratch scratch) =>
        LoadSegment(unit, scratch) is { } damage ? damage : unit;

    public Damage? LoadSegment(long segment, Scratch scratch)
    {
        SegmentOutcome outcome = scratch.Reader.Fill(file, segment, ReadMode.Slab, scratch.Lease);
        return DamageOf(outcome.Fault, SegmentGrid.StartOfSegment(segment) + outcome.ValidBytes);
    }

    public void Dispose() => file.Source.Dispose();

    private static Damage? DamageOf(Fault? fault, long offset) => fault switch
    {
        null => null,
        { Kind: FaultKind.SourceShrank } =>
            new Damage(DamageKind.WrongSize, offset, null, "It ends before it should."),
        _ => new Damage(DamageKind.Unreadable, offset, null, $"It cannot be read: {fault.Code}."),
    };
}
