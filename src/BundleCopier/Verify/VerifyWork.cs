using BundleCopier.Faults;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Verify;

/// <summary>One file that is being verified.</summary>
internal sealed class VerifyWork(ReceiptFile entry, IStoredContent content, Action<FileVerdict> tell) : IFileWork
{
    private readonly ContentCheck check = new();

    public long? TakeUnit()
    {
        if (content.TakeUnit().Try(out long? unit, out Damage? damage))
            return unit;
        check.AddDamage(damage);
        return null;
    }

    public void Do(long unit, Scratch scratch)
    {
        if (!content.Load(unit, scratch).Try(out long? segment, out Damage? damage))
            check.AddDamage(damage);
        else if (segment is { } loaded)
            check.Add(loaded, scratch.Lease.Digest);
    }

    public void Conclude()
    {
        content.Dispose();
        tell(check.Conclude(entry) is { } damage
            ? FileVerdict.Of(entry, damage)
            : new FileVerdict(entry, VerdictKind.Intact, ""));
    }

    public void Abandon() => content.Dispose();
}
