using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Write;

namespace BundleCopier.Restore;

/// <summary>A bundle that is there: its directory, held open, and its receipt. Nothing in it is believed unchecked.</summary>
internal sealed class BundleFolder : IDisposable
{
    // A receipt of 100,000 files has about 70 MB.
    private const long LargestReceiptBytes = 1L << 30;

    private readonly IDirectory directory;

    private BundleFolder(IDirectory directory, BundleReceipt receipt)
    {
        this.directory = directory;
        Receipt = receipt;
    }

    public BundleReceipt Receipt { get; }

    /// <summary>Opens a bundle.</summary>
    /// <param name="kernel">The system it is on.</param>
    /// <param name="path">Its directory.</param>
    /// <param name="problem">Why there is none to open.</param>
    public static BundleFolder? Open(IMemoryKernel kernel, string path, out BundleProblem? problem)
    {
        if (path.Length == 0)
        {
            problem = new BundleProblem.NoBundle("The bundle's path is empty. Name the directory of a bundle.");
            return null;
        }

        if (!kernel.OpenDirectory(Path.GetFullPath(path)).Try(out IDirectory? directory, out Errno error))
        {
            problem = new BundleProblem.NoBundle($"{path} cannot be opened: {error.Name}. Name the directory of a bundle.");
            return null;
        }

        BundleReceipt? receipt = ReadReceipt(kernel, directory, path, out problem);
        if (receipt is not null)
            return new BundleFolder(directory, receipt);
        directory.Dispose();
        return null;
    }

    /// <summary>Opens the content of a file of the receipt that has an output.</summary>
    /// <param name="index">The file's place in the receipt.</param>
    /// <param name="checksGaps">Also what lies between the frames of a compressed file is to be checked.</param>
    /// <param name="scratch">The caller's own.</param>
    /// <param name="damage">What is wrong; null when nothing is.</param>
    public IStoredContent? OpenContent(int index, bool checksGaps, Scratch scratch, out Damage? damage)
    {
        ReceiptFile entry = Receipt.Files[index];
        ISourceFile? source = OpenOutput(entry.Output!, out damage);
        if (source is null)
            return null;
        IStoredContent? content = null;
        IoResult result = source.Status(out FileStat status);
        RangeSet ranges = RangeSet.Of(entry.Ranges.Select(static r => new Extent(r.Offset, r.Length)));
        if (!result.IsOk)
            damage = Damage.WholeFile(DamageKind.Unreadable, $"It cannot be read: {result.Error.Name}.");
        else if (entry.Compression == OutputCompression.Lz4)
            content = Lz4Content.Open(new StoredFile(source, status.SizeBytes), entry.SizeBytes, ranges, checksGaps, scratch, out damage);
        else if (status.SizeBytes != entry.SizeBytes)
            damage = Damage.WholeFile(DamageKind.WrongSize, $"It has {status.SizeBytes} bytes and should have {entry.SizeBytes}.");
        else
            content = new RawContent(new OpenedSource(new PlannedFile(index, entry.Output!, entry.Name, null), source, status, ranges, ReadMode.Slab, false, null));
        if (content is null)
            source.Dispose();
        return content;
    }

    public void Dispose() => directory.Dispose();

    private ISourceFile? OpenOutput(string output, out Damage? damage)
    {
        damage = null;
        List<IDirectory> above = [];
        try
        {
            string[] names = output.Split('/');
            IDirectory at = directory;
            foreach (string name in names[..^1])
            {
                if (!at.OpenDirectory(name).Try(out IDirectory? next, out Errno missing))
                {
                    damage = Damage.WholeFile(DamageKind.Missing, $"It cannot be opened: {missing.Name}.");
                    return null;
                }

                above.Add(next);
                at = next;
            }

            if (!at.OpenFile(names[^1]).Try(out ISourceFile? source, out Errno error))
                damage = Damage.WholeFile(DamageKind.Missing, $"It cannot be opened: {error.Name}.");
            return source;
        }
        finally
        {
            foreach (IDirectory opened in above)
                opened.Dispose();
        }
    }

    private static BundleReceipt? ReadReceipt(IMemoryKernel kernel, IDirectory directory, string path, out BundleProblem? problem)
    {
        if (!directory.OpenFile(BundleDirectory.ReceiptName).Try(out ISourceFile? file, out Errno error))
        {
            problem = new BundleProblem.NoBundle($"{path} has no {BundleDirectory.ReceiptName} ({error.Name}). Name the directory of a bundle.");
            return null;
        }

        using (file)
        {
            // It is reserved when a copy begins and written when it ends.
            string name = Path.GetFileName(Path.GetFullPath(path).TrimEnd('/'));
            if (BundleDirectory.IsPartialName(name) && file.Status(out FileStat reserved).IsOk && reserved.SizeBytes == 0)
            {
                problem = new BundleProblem.NoBundle(
                    $"{path} is what a copy has made so far, or left when it was killed. Wait for it, or copy again, which clears it away.");
                return null;
            }

            Parsed<BundleReceipt> receipt = ReadReceipt(kernel, file, $"{path.TrimEnd('/')}/{BundleDirectory.ReceiptName}");
            problem = receipt.IsOk ? null : new BundleProblem.ReceiptDamaged(receipt.Error);
            return receipt.IsOk ? receipt.Value : null;
        }
    }

    private static Parsed<BundleReceipt> ReadReceipt(IMemoryKernel kernel, ISourceFile file, string where)
    {
        IoResult result = file.Status(out FileStat status);
        if (!result.IsOk)
            return new InputError(where, "", $"it cannot be read ({result.Error.Name})", "Check the disk.");
        if (status.SizeBytes > LargestReceiptBytes)
            return new InputError(where, "", $"it has {status.SizeBytes} bytes, more than any receipt", "Restore it from a copy.");
        if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
            return new InputError(where, "", $"there is no memory to read it ({error.Name})", "Free some.");
        using (scratch)
        {
            byte[] bytes = new byte[status.SizeBytes];
            StoredFile stored = new(file, status.SizeBytes);
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(SegmentGrid.SegmentBytes, bytes.Length - at);
                ReadOnlySpan<byte> piece = scratch.Window.Get(stored, at, length, at + length, out Damage? damage);
                if (damage is not null)
                    return new InputError(where, "", damage.Message, "Check the disk.");
                piece.CopyTo(bytes.AsSpan(at));
                at += length;
            }

            return ReceiptReader.Read(bytes, where);
        }
    }
}

/// <summary>Why there is no bundle to read.</summary>
internal abstract record BundleProblem
{
    private BundleProblem()
    {
    }

    /// <summary>There is none.</summary>
    public sealed record NoBundle(string Message) : BundleProblem;

    /// <summary>There is a receipt, and it cannot be believed.</summary>
    public sealed record ReceiptDamaged(InputError Error) : BundleProblem;
}
