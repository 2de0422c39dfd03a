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

    public bool TakeUnit(out long unit, out Damage? damage)
    {
        damage = null;
        while (taken == plan.Segments.Length && !plan.IsLast)
        {
            long position = plan.Position;
            plan = SourceScout.Plan(file, position);
            taken = 0;
            damage ??= DamageOf(plan.Fault, position);
        }

        unit = taken < plan.Segments.Length ? plan.Segments[taken++] : -1;
        return unit >= 0;
    }

    public long Load(long unit, Scratch scratch, out Damage? damage)
    {
        damage = LoadSegment(unit, scratch);
        return unit;
    }

    public Damage? LoadSegment(long segment, Scratch scratch)
    {
        SegmentOutcome outcome = scratch.Reader.Fill(file, segment, ReadMode.Slab, scratch.Lease);
        return DamageOf(outcome.Fault, (segment * SegmentGrid.SegmentBytes) + outcome.ValidBytes);
    }

    public void Dispose() => file.Source.Dispose();

    private static Damage? DamageOf(Fault? fault, long offset) => fault is null
        ? null
        : fault.Kind == FaultKind.SourceShrank
            ? new Damage(DamageKind.WrongSize, offset, null, "It ends before it should.")
            : new Damage(DamageKind.Unreadable, offset, null, $"It cannot be read: {fault.Code}.");
}
