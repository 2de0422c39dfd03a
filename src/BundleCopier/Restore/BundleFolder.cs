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
    // In a bundle of another user, a second name may lead to a file that the other user may not read.
    private const string Linked =
        "It has another name beside this one (a hard link), and a copy makes no such files. Make a copy of the bundle "
        + "(cp -a --no-preserve=links).";

    private readonly IDirectory directory;
    private readonly StoredReceipt receipt;
    private Result<StoredFile, Damage>? checksums;

    private BundleFolder(IDirectory directory, StoredReceipt receipt, BundleReceipt head, SavedBytes saved)
    {
        this.directory = directory;
        this.receipt = receipt;
        Head = head;
        Saved = saved;
        Facts = [.. (head.Facts ?? []).Where(static fact => fact.Error is null)];
    }

    /// <summary>The facts about processes that are in the bundle.</summary>
    public IReadOnlyList<ReceiptFact> Facts { get; }

    /// <summary>The receipt without labels and files.</summary>
    public BundleReceipt Head { get; }

    /// <summary>What the receipt says of all files, added up.</summary>
    public SavedBytes Saved { get; }

    /// <summary>How the copy ended.</summary>
    public BundleStatus CopyStatus => Head.Status;

    /// <summary>Opens a bundle and checks its receipt.</summary>
    /// <param name="kernel">The system that it is on.</param>
    /// <param name="path">Its directory.</param>
    /// <param name="takeLabel">Gets each label of the receipt; null where they are not needed.</param>
    public static Result<BundleFolder, BundleProblem> Open(
        IMemoryKernel kernel, string path, Action<string, string>? takeLabel = null)
    {
        if (path.Length == 0)
            return Problem("The bundle's path is empty. Name the directory of a bundle.");
        if (!kernel.OpenDirectory(WorkingDirectory.FullPath(path)).Try(out IDirectory? directory, out Errno error))
            return Problem($"{path} cannot be opened: {error.Name}. Name the directory of a bundle.");
        Result<BundleFolder, BundleProblem> opened = Open(kernel, directory, path, takeLabel);
        if (!opened.Try(out _, out _))
            directory.Dispose();
        return opened;
    }

    /// <summary>The receipt's files in their order. One caller at a time.</summary>
    /// <exception cref="ReceiptException">
    /// The receipt has changed since it was checked, or cannot be read any more.
    /// </exception>
    public IEnumerable<ReceiptFile> Files() => receipt.Files();

    /// <summary>Opens the content of a file that is in the bundle. One caller at a time.</summary>
    /// <param name="entry">The file's entry in the receipt; it has an output.</param>
    /// <param name="use">What it is read for.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <param name="segments">
    /// From <see cref="ReadSegments"/>; null where the hashes of the segments are not known.
    /// </param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    public Result<IStoredContent, Damage> OpenContent(
        ReceiptFile entry, ContentUse use, Scratch scratch, SegmentDigests? segments, CancellationToken stop)
    {
        if (!OpenOutput(entry.Output!).Try(out ISourceFile? source, out Errno missing))
            return Damage.WholeFile(DamageKind.Missing, $"It cannot be opened: {missing.Name}.");
        bool isOpen = false;
        try
        {
            Result<IStoredContent, Damage> content = OpenContent(entry, source, use, scratch, segments, stop);
            isOpen = content.Try(out _, out _);
            return content;
        }
        finally
        {
            if (!isOpen)
                source.Dispose();
        }
    }

    /// <summary>Reads a fact into the slab of the scratch, and compares it with the receipt.</summary>
    /// <param name="fact">It is in the bundle.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReadFact(ReceiptFact fact, Scratch scratch)
    {
        if (!OpenOutput(fact.Name).Try(out ISourceFile? source, out Errno missing))
            return $"It cannot be opened: {missing.Name}.";
        using (source)
        {
            IoResult result = source.Status(out FileStat status);
            if (!result.IsOk)
                return $"It cannot be read: {result.Error.Name}.";
            if (status.Links > 1)
                return Linked;
            if (status.SizeBytes != fact.Bytes)
                return $"It has {status.SizeBytes} bytes and should have {fact.Bytes}.";
            if (fact.Bytes > 0
                && scratch.Window.Load(
                    new StoredFile(source, fact.Bytes), 0, (int)fact.Bytes, fact.Bytes) is { } damage)
            {
                return damage.Message;
            }

            ReadOnlySpan<byte> content = fact.Bytes > 0 ? scratch.Window.Loaded : [];
            return fact.Checksum == ReceiptFact.ChecksumOf(content) ? null : "Its checksum is another one.";
        }
    }

    /// <summary>Where the data of a file is; only the receipt's ranges where the file does not tell.</summary>
    /// <param name="entry">The file's entry in the receipt.</param>
    /// <param name="scratch">The calling thread's own.</param>
    public FileMap MapOf(ReceiptFile entry, Scratch scratch)
    {
        if (entry.Output is null || !OpenOutput(entry.Output).Try(out ISourceFile? source, out _))
            return FileMap.Empty(entry);
        using (source)
        {
            if (!source.Status(out FileStat status).IsOk || status.Links > 1)
                return FileMap.Empty(entry);
            FileMap? map = entry.Compression == OutputCompression.Lz4
                ? FileMap.OfLz4(entry, new StoredFile(source, status.SizeBytes), scratch)
                : FileMap.OfRaw(entry, source);
            return map ?? FileMap.Empty(entry);
        }
    }

    /// <summary>Reads the hashes of a raw file's segments. One caller at a time.</summary>
    /// <param name="entry">The file's entry in the receipt.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <returns>Null where the bundle does not have them; damage where it should have them.</returns>
    public Result<SegmentDigests?, Damage> ReadSegments(ReceiptFile entry, Scratch scratch)
    {
        if (entry.SegmentChecksumsOffset is not { } offset)
            return Result<SegmentDigests?, Damage>.Ok(null);
        checksums ??= OpenChecksums();
        return checksums.Value.Try(out StoredFile? file, out Damage? damage)
            ? SegmentRecordReader.Read(file, scratch.Window, entry, offset)
            : damage;
    }

    public void Dispose()
    {
        if (checksums is { } opened && opened.Try(out StoredFile? file, out _))
            file.Source.Dispose();
        receipt.Dispose();
        directory.Dispose();
    }

    private static Result<BundleFolder, BundleProblem> Open(
        IMemoryKernel kernel, IDirectory directory, string path, Action<string, string>? takeLabel)
    {
        if (!directory.OpenFile(BundleNames.Receipt).Try(out ISourceFile? file, out Errno error))
        {
            return Problem(
                $"{path} has no {BundleNames.Receipt} ({error.Name}). Name the directory of a bundle.");
        }

        if (file.Status(out FileStat linked).IsOk && linked.Links > 1)
        {
            file.Dispose();
            return Problem($"{PathText.Join(path, BundleNames.Receipt)} cannot be used. {Linked}");
        }

        // A copy makes its receipt when it begins, and writes it when it ends.
        string name = PathText.Name(WorkingDirectory.FullPath(path).TrimEnd('/'));
        if (BundleNames.IsPartial(name) && file.Status(out FileStat status).IsOk && status.SizeBytes == 0)
        {
            file.Dispose();
            return Problem(
                $"{path} is what a copy has made so far, or left when it was killed. "
                + "Wait for it; where it was killed, the same copy goes on from it.");
        }

        string where = PathText.Join(path, BundleNames.Receipt);
        if (!StoredReceipt.Open(kernel, file, where).Try(out StoredReceipt? receipt, out BundleProblem? problem))
            return problem;
        InputError damage;
        try
        {
            SavedBytes saved = default;
            Parsed<BundleReceipt> read = receipt.Check(entry => saved = saved.With(entry), takeLabel);
            if (read.IsOk)
            {
                // So that retention leaves it alone while it is read. Without a lock (some filesystems have none, and
                // a copy holds one until it has ended) the bundle is read all the same.
                _ = directory.LockShared();
                return new BundleFolder(directory, receipt, read.Value, saved.With(read.Value.Missing));
            }

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
        ReceiptFile entry,
        ISourceFile source,
        ContentUse use,
        Scratch scratch,
        SegmentDigests? segments,
        CancellationToken stop)
    {
        IoResult result = source.Status(out FileStat status);
        if (!result.IsOk)
            return Damage.WholeFile(DamageKind.Unreadable, $"It cannot be read: {result.Error.Name}.");
        if (status.Links > 1)
            return Damage.WholeFile(DamageKind.Linked, Linked);
        RangeSet ranges = entry.Ranges as RangeSet
            ?? RangeSet.Of(entry.Ranges.Select(static r => new Extent(r.Offset, r.Length)));
        if (entry.Compression == OutputCompression.Lz4)
        {
            StoredFile stored = new(source, status.SizeBytes);
            return Lz4Content.Open(stored, entry.SizeBytes, ranges, use, scratch, stop);
        }

        List<Damage> flaws = [];
        if (status.SizeBytes != entry.SizeBytes)
        {
            flaws.Add(Damage.WholeFile(
                DamageKind.WrongSize, $"It has {status.SizeBytes} bytes and should have {entry.SizeBytes}."));
            // Without the hashes of its segments, nothing of it can be told to be right.
            if (use == ContentUse.Whole || segments is null)
                return flaws[0];
        }

        PlannedFile planned = new(0, entry.Output!, entry.Name, null);
        FileStat expected = status with { SizeBytes = entry.SizeBytes };
        OpenedSource opened = new(planned, source, expected, ranges, ReadMode.Slab, WasQuiet: false, Xattrs: null);
        return Result<IStoredContent, Damage>.Ok(
            new RawContent(opened, segments, hasChecksum: entry.Checksum is not null, flaws));
    }

    private Result<StoredFile, Damage> OpenChecksums()
    {
        if (!directory.OpenFile(BundleNames.SegmentChecksums).Try(out ISourceFile? source, out Errno error))
            return Damage.WholeFile(DamageKind.SegmentRecord, $"It cannot be opened: {error.Name}.");
        IoResult found = source.Status(out FileStat status);
        if (found.IsOk && status.Links <= 1)
            return new StoredFile(source, status.SizeBytes);
        source.Dispose();
        if (found.IsOk)
            return Damage.WholeFile(DamageKind.Linked, Linked);
        return Damage.WholeFile(DamageKind.SegmentRecord, $"It cannot be read: {found.Error.Name}.");
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
