using BundleCopier.Faults;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>One file that is being restored.</summary>
internal sealed class ExtractWork(
    ReceiptFile entry, IStoredContent content, RestoredFile file, Action<FileRestoration> tell) : IFileWork
{
    private readonly ContentCheck check = new();
    private volatile string? problem;

    public long? TakeUnit()
    {
        // The file will be discarded, so reading on is of no use.
        if (problem is not null || check.Damage is not null)
            return null;
        if (content.TakeUnit().Try(out long? unit, out Damage? damage))
            return unit;
        check.AddDamage(damage);
        return null;
    }

    public void Do(long unit, Scratch scratch)
    {
        if (!content.Load(unit, scratch).Try(out long? loaded, out Damage? damage))
            check.AddDamage(damage);
        if (loaded is not { } segment)
            return;
        check.Add(segment, scratch.Lease.Digest);
        if (file.Write(segment, scratch.Lease) is { IsOk: false } failed)
            problem ??= RestoredFile.Describe("It cannot be written", failed.Error);
    }

    public void Conclude()
    {
        content.Dispose();
        tell(Finish());
    }

    public void Abandon()
    {
        content.Dispose();
        file.Discard();
    }

    private FileRestoration Finish()
    {
        if (check.Damage is null && problem is not null)
        {
            file.Discard();
            return new FileRestoration(entry, RestoreKind.Failed, problem);
        }

        if (check.Conclude(entry) is { } damage)
        {
            file.Discard();
            return new FileRestoration(entry, RestoreKind.Damaged, damage.Message) { Damage = damage };
        }

        if (file.Publish(entry.SizeBytes) is { } unpublished)
            return new FileRestoration(entry, RestoreKind.Failed, unpublished);
        if (entry.Status == FileStatus.Partial)
            return new FileRestoration(entry, RestoreKind.Partial, entry.Error?.Message ?? "");
        bool isChecked = entry.Checksum is not null || entry.Compression == OutputCompression.Lz4;
        return isChecked
            ? new FileRestoration(entry, RestoreKind.Restored, "")
            : new FileRestoration(
                entry, RestoreKind.Unchecked, "It was copied without a checksum, so its content cannot be checked.");
    }
}
