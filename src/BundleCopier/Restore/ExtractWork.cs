using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>One file that is being restored.</summary>
/// <param name="entry">Its entry in the receipt.</param>
/// <param name="content">Its content in the bundle.</param>
/// <param name="file">The file that is made.</param>
/// <param name="options">How it is restored.</param>
/// <param name="meter">Counts what was read.</param>
/// <param name="tell">Gets what became of it.</param>
internal sealed class ExtractWork(
    ReceiptFile entry,
    IStoredContent content,
    RestoredFile file,
    ExtractOptions options,
    FileMeter meter,
    Action<FileRestoration> tell) : IFileWork
{
    private readonly ContentCheck check = new(content.Flaws);
    private readonly bool salvages = options.KeepDamaged && content.ChecksSegments;
    private volatile string? problem;

    /// <summary>What is told of a file of which nothing is restored.</summary>
    public static FileRestoration Damaged(ReceiptFile entry, FileDamage damage) =>
        new(entry, RestoreKind.Damaged, damage.First.Message) { AllDamage = damage };

    public long? TakeUnit(Scratch scratch)
    {
        // The file will be discarded, so reading on is of no use.
        if (problem is not null || (check.IsDamaged && !salvages))
            return null;
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
        // A damaged segment is not written, so it stays a hole.
        if (!content.Load(unit, scratch).Try(out long? loaded, out Damage? damage))
            check.AddDamage(damage);
        check.End(unit, loaded, scratch.Lease.Digest);
        meter.Add(scratch.StoredBytes);
        if (loaded is not { } segment)
            return;
        if (file.Write(segment, scratch.Lease) is { IsOk: false } failed)
            problem ??= RestoredFile.Describe("It cannot be written", failed.Error);
    }

    public void Conclude()
    {
        content.Dispose();
        meter.End();
        tell(Finish());
    }

    public void Abandon()
    {
        content.Dispose();
        file.Discard();
    }

    private FileRestoration Finish()
    {
        if (problem is not null && (salvages || !check.IsDamaged))
        {
            file.Discard();
            return new FileRestoration(entry, RestoreKind.Failed, problem);
        }

        FileDamage? damage = check.Conclude(entry);
        if (damage is not null && !IsWorthKeeping(damage))
        {
            file.Discard();
            return Damaged(entry, damage);
        }

        IReadOnlyList<string> notPreserved = [];
        Action<IOutputFile>? preserve = options.Preserve
            ? output => notPreserved = MetadataRestorer.Apply(output, entry.SourceMetadata)
            : null;
        if (file.Publish(entry.SizeBytes, preserve) is { } unpublished)
        {
            RestoreKind kind = file.IsNameTaken && options.SkipExisting ? RestoreKind.Existing : RestoreKind.Failed;
            return new FileRestoration(entry, kind, unpublished);
        }

        return Published(damage) with { NotPreserved = notPreserved };
    }

    private FileRestoration Published(FileDamage? damage)
    {
        if (damage is not null)
            return Damaged(entry, damage) with { Kind = RestoreKind.Kept };
        if (entry.Status == FileStatus.Partial)
            return new FileRestoration(entry, RestoreKind.Partial, entry.Error?.Message ?? "");
        bool isChecked = entry.Checksum is not null || entry.Compression == OutputCompression.Lz4;
        return isChecked
            ? new FileRestoration(entry, RestoreKind.Restored, "")
            : new FileRestoration(
                entry, RestoreKind.Unchecked, "It was copied without a checksum, so its content cannot be checked.");
    }

    // Where all segments are right and the whole is not, it cannot be told what is wrong.
    private bool IsWorthKeeping(FileDamage damage) => salvages
        && damage.First.Kind != DamageKind.FileChecksum
        && damage.LostBytes < entry.Ranges.Sum(static range => range.Length);
}
