using BundleCopier.Faults;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Verify;

/// <summary>One file that is being verified.</summary>
internal sealed class VerifyWork(ReceiptFile entry, IStoredContent content, Action<FileVerdict> tell) : IFileWork
{
    private readonly ContentCheck check = new();

    public bool TakeUnit(out long unit)
    {
        bool isThere = content.TakeUnit(out unit, out Damage? damage);
        check.AddDamage(damage);
        return isThere;
    }

    public void Do(long unit, Scratch scratch)
    {
        long segment = content.Load(unit, scratch, out Damage? damage);
        check.AddDamage(damage);
        if (damage is null && segment >= 0)
            check.Add(segment, scratch.Lease.Digest);
    }

    public void Settle()
    {
        content.Dispose();
        tell(check.Conclude(entry) is { } damage
            ? FileVerdict.Of(entry, damage)
            : new FileVerdict(entry, VerdictKind.Intact, ""));
    }

    public void Abandon() => content.Dispose();
}
