using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Restore;

/// <summary>A file that is stored raw. Its units are the segments with data, and those that should have data.</summary>
/// <param name="file">The file. Its size is that in the receipt, also where the file is shorter or longer.</param>
/// <param name="segments">The hashes of its segments; null where they are not known.</param>
/// <param name="hasChecksum">The receipt has a checksum of the whole file.</param>
/// <param name="flaws">What is wrong with the file as a whole.</param>
internal sealed class RawContent(
    OpenedSource file, SegmentDigests? segments, bool hasChecksum, IReadOnlyList<Damage> flaws) : IStoredContent
{
    private SegmentPlan plan = new([], 0, IsLast: false, null);
    private int taken;
    private long nextUnit;

    public long SizeBytes => file.Status.SizeBytes;

    public IReadOnlyList<Damage> Flaws => flaws;

    public bool ChecksSegments => segments is not null || !hasChecksum;

    public Result<long?, Damage> TakeUnit(Scratch scratch)
    {
        while (taken == plan.Segments.Length && !plan.IsLast)
        {
            plan = SourceScout.Plan(file, plan.Position);
            taken = 0;
        }

        long? found = taken < plan.Segments.Length ? plan.Segments[taken] : null;
        long? expected = null;
        Damage? unread = null;
        if (segments is not null && !segments.NextFrom(nextUnit, scratch).Try(out expected, out unread))
            return unread with { Offset = SegmentGrid.StartOfSegment(nextUnit) };
        // A file that was cut is known to be short. What should be behind its end is told segment by segment.
        bool isKnown = plan.Fault is { Kind: FaultKind.SourceShrank } && flaws.Count > 0;
        // Where the kernel does not tell where data is, the checksums tell where it should be: nothing is lost then.
        if (found is null && expected is null && !isKnown && DamageOf(plan.Fault, plan.Position) is { } damage)
        {
            long lostBytes = segments is null ? SizeBytes - plan.Position : 0;
            return lostBytes > 0 ? damage with { Lost = new ByteRange(plan.Position, lostBytes) } : damage;
        }

        if (found is { } data && (expected is not { } wanted || data <= wanted))
        {
            taken++;
            nextUnit = data + 1;
            return Result<long?, Damage>.Ok(data);
        }

        nextUnit = expected + 1 ?? nextUnit;
        return Result<long?, Damage>.Ok(expected);
    }

    public Result<long?, Damage> Load(long unit, Scratch scratch) =>
        LoadSegment(unit, scratch) is { } damage ? damage : unit;

    public Damage? LoadSegment(long segment, Scratch scratch)
    {
        long start = SegmentGrid.StartOfSegment(segment);
        SegmentOutcome outcome = scratch.Reader.Fill(file, segment, ReadMode.Slab, scratch.Lease);
        scratch.StoredBytes = 0;
        foreach (Run run in scratch.Lease.Runs.AsSpan())
            scratch.StoredBytes += run.Length;
        Damage? damage = DamageOf(outcome.Fault, start + outcome.ValidBytes);
        if (damage is null && segments is not null)
        {
            if (!segments.DigestOf(segment, scratch).Try(out ulong? digest, out Damage? unread))
                damage = unread with { Offset = start };
            else if (scratch.Lease.Digest != digest)
            {
                damage = new Damage(
                    DamageKind.SegmentChecksum, start, null, "The segment does not match its checksum.");
            }
        }

        return damage is null ? null
            : damage with { Lost = new ByteRange(start, SegmentGrid.LengthOf(segment, SizeBytes)) };
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
