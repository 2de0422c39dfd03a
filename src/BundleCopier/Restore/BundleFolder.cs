using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>A finished bundle: its directory and its receipt, both held open. The receipt has been checked.</summary>
internal sealed class BundleFolder : IDisposable
{
    private readonly IDirectory directory;
    private readonly StoredReceipt receipt;

    private BundleFolder(IDirectory directory, StoredReceipt receipt, BundleStatus copyStatus)
    {
        this.directory = directory;
        this.receipt = receipt;
        CopyStatus = copyStatus;
    }

    /// <summary>How the copy ended.</summary>
    public BundleStatus CopyStatus { get; }

    /// <summary>Opens a bundle and checks its receipt.</summary>
    /// <param name="kernel">The system that it is on.</param>
    /// <param name="path">Its directory.</param>
    public static Result<BundleFolder, BundleProblem> Open(IMemoryKernel kernel, string path)
    {
        if (path.Length == 0)
            return Problem("The bundle's path is empty. Name the directory of a bundle.");
        if (!kernel.OpenDirectory(Path.GetFullPath(path)).Try(out IDirectory? directory, out Errno error))
            return Problem($"{path} cannot be opened: {error.Name}. Name the directory of a bundle.");
        Result<BundleFolder, BundleProblem> opened = Open(kernel, directory, path);
        if (!opened.Try(out _, out _))
            directory.Dispose();
        return opened;
    }

    /// <summary>The receipt's files in their order. One caller at a time.</summary>
    /// <exception cref="ReceiptException">
    /// The receipt has changed since it was checked, or cannot be read any more.
    /// </exception>
    public IEnumerable<ReceiptFile> Files() => receipt.Files();

    /// <summary>Opens the content of a file that is in the bundle.</summary>
    /// <param name="entry">The file's entry in the receipt; it has an output.</param>
    /// <param name="checksGaps">Also checks what lies between the frames of a compressed file.</param>
    /// <param name="scratch">The calling thread's own.</param>
    public Result<IStoredContent, Damage> OpenContent(ReceiptFile entry, bool checksGaps, Scratch scratch)
    {
        if (!OpenOutput(entry.Output!).Try(out ISourceFile? source, out Errno missing))
            return Damage.WholeFile(DamageKind.Missing, $"It cannot be opened: {missing.Name}.");
        Result<IStoredContent, Damage> content = OpenContent(entry, source, checksGaps, scratch);
        if (!content.Try(out _, out _))
            source.Dispose();
        return content;
    }

    public void Dispose()
    {
        receipt.Dispose();
        directory.Dispose();
    }

    private static Result<BundleFolder, BundleProblem> Open(IMemoryKernel kernel, IDirectory directory, string path)
    {
        if (!directory.OpenFile(BundleNames.Receipt).Try(out ISourceFile? file, out Errno error))
        {
            return Problem(
                $"{path} has no {BundleNames.Receipt} ({error.Name}). Name the directory of a bundle.");
        }

        // A copy makes its receipt when it begins, and writes it when it ends.
        string name = PathText.Name(Path.GetFullPath(path).TrimEnd('/'));
        if (BundleNames.IsPartial(name) && file.Status(out FileStat status).IsOk && status.SizeBytes == 0)
        {
            file.Dispose();
            return Problem(
                $"{path} is what a copy has made so far, or left when it was killed. "
                + "Wait for it, or copy again, which clears it away.");
        }

        string where = PathText.Join(path, BundleNames.Receipt);
        if (!StoredReceipt.Open(kernel, file, where).Try(out StoredReceipt? receipt, out BundleProblem? problem))
            return problem;
        InputError damage;
        try
        {
            Parsed<BundleReceipt> read = receipt.Check();
            if (read.IsOk)
                return new BundleFolder(directory, receipt, read.Value.Status);
            damage = read.Error;
        }
        catch (ReceiptException e)
        {
            damage = e.Error;
        }

        receipt.Dispose();
        return new BundleProblem.ReceiptDamaged(damage);
    }

    private static Result<IStoredContent, Damage> OpenContent(
        ReceiptFile entry, ISourceFile source, bool checksGaps, Scratch scratch)
    {
        IoResult result = source.Status(out FileStat status);
        if (!result.IsOk)
            return Damage.WholeFile(DamageKind.Unreadable, $"It cannot be read: {result.Error.Name}.");
        RangeSet ranges = RangeSet.Of(entry.Ranges.Select(static r => new Extent(r.Offset, r.Length)));
        if (entry.Compression == OutputCompression.Lz4)
        {
            StoredFile stored = new(source, status.SizeBytes);
            return Lz4Content.Open(stored, entry.SizeBytes, ranges, checksGaps, scratch);
        }

        if (status.SizeBytes != entry.SizeBytes)
        {
            return Damage.WholeFile(
                DamageKind.WrongSize, $"It has {status.SizeBytes} bytes and should have {entry.SizeBytes}.");
        }

        PlannedFile planned = new(0, entry.Output!, entry.Name, null);
        OpenedSource opened = new(planned, source, status, ranges, ReadMode.Slab, WasQuiet: false, Xattrs: null);
        return Result<IStoredContent, Damage>.Ok(new RawContent(opened));
    }

    private IoResult<ISourceFile> OpenOutput(string output)
    {
        List<IDirectory> parents = [];
        try
        {
            string[] names = PathText.Components(output);
            IDirectory parent = directory;
            foreach (string name in names[..^1])
            {
                if (!parent.OpenDirectory(name).Try(out IDirectory? next, out Errno error))
                    return IoResult<ISourceFile>.Failed(error);
                parents.Add(next);
                parent = next;
            }

            return parent.OpenFile(names[^1]);
        }
        finally
        {
            foreach (IDirectory opened in parents)
                opened.Dispose();
        }
    }

    private static BundleProblem Problem(string message) => new BundleProblem.NoBundle(message);
}
