using BundleCopier.Faults;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Verify;

/// <summary>One file that is being verified.</summary>
/// <param name="entry">Its entry in the receipt.</param>
/// <param name="content">Its content.</param>
/// <param name="segmentsDamage">What is wrong with the checksums of its segments; null when nothing is.</param>
/// <param name="meter">Counts what was read.</param>
/// <param name="tell">Gets the verdict.</param>
internal sealed class VerifyWork(
    ReceiptFile entry, IStoredContent content, Damage? segmentsDamage, FileMeter meter, Action<FileVerdict> tell)
    : IFileWork
{
    private readonly ContentCheck check = new(content.Flaws);

    public long? TakeUnit(Scratch scratch)
    {
        if (content.TakeUnit(scratch).Try(out long? unit, out Damage? damage))
        {
            if (unit is { } taken)
                check.Begin(taken);
            return unit;
        }

        check.AddDamage(damage);
        return null;
    }

    public void Do(long unit, Scratch scratch)
    {
        if (!content.Load(unit, scratch).Try(out long? segment, out Damage? damage))
            check.AddDamage(damage);
        check.End(unit, segment, scratch.Lease.Digest);
        meter.Add(scratch.StoredBytes);
    }

    public void Conclude()
    {
        content.Dispose();
        meter.End();
        FileVerdict verdict = check.Conclude(entry) is { } damage
            ? FileVerdict.Of(entry, damage)
            : new FileVerdict(entry, VerdictKind.Intact, "");
        tell(verdict with { SegmentsDamage = segmentsDamage });
    }

    public void Abandon() => content.Dispose();
}
