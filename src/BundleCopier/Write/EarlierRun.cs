using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// What a run that was killed has left in <c>.NAME.partial</c>, where its journal can be read. Everything that the
/// journal does not list is removed. Synchronous and without actors.
/// </summary>
internal sealed class EarlierRun
{
    private readonly JournalContent journal;
    private readonly HashSet<string> directories = [];

    private EarlierRun(JournalContent journal) => this.journal = journal;

    /// <summary>The number of whole blocks of the journal.</summary>
    public long JournalBlocks => journal.Blocks;

    /// <summary>The outputs that may still hold something good, by their path below <c>files/</c>.</summary>
    public IReadOnlyDictionary<string, JournaledFile> Files => journal.Files;

    /// <summary>What is on the disk, as the journal says, in bytes of data.</summary>
    public long DataBytes => journal.Files.Values.Sum(static file => file.Segments.DataBytes);

    /// <summary>The same of outputs that no file of this run takes over.</summary>
    public long UnclaimedBytes(Func<string, bool> isWanted) =>
        journal.Files.Where(file => !isWanted(file.Key)).Sum(static file => file.Value.Segments.DataBytes);

    /// <summary>Takes out an output that a file of this run takes over.</summary>
    public JournaledFile Take(string output) => journal.Take(output);

    /// <summary>The directories below <c>files/</c> that exist.</summary>
    public IReadOnlySet<string> Directories => directories;

    /// <summary>
    /// Reads the journal, and removes everything else but the outputs that it lists and this run wants. Null where
    /// there is no journal of this version, or something cannot be removed; then the directory is of no use. An error
    /// where the disk or the machine does not let it be read now: then all of it must stay.
    /// </summary>
    /// <param name="partial">The directory; this process has the lock.</param>
    /// <param name="io">How its files are read.</param>
    /// <param name="place">The place of the bundle.</param>
    public static IoResult<EarlierRun?> TakeOver(IDirectory partial, OutputIo io, BundlePlace place)
    {
        if (!ReadJournal(partial, io, place.Block).Try(out JournalContent? journal, out Errno error))
            return IoResult<EarlierRun?>.Failed(error);
        // As early as this, because the space of the other outputs may be needed.
        if (place.WantsOutput is not null)
            journal?.Keep(place.WantsOutput);
        if (journal is not { Files.Count: > 0 })
            return IoResult<EarlierRun?>.Ok(null);
        EarlierRun run = new(journal);
        IoResult cleared = run.Clear(partial);
        return cleared.IsOk ? IoResult<EarlierRun?>.Ok(run)
            : IsOfContent(cleared.Error) ? IoResult<EarlierRun?>.Ok(null)
            : IoResult<EarlierRun?>.Failed(cleared.Error);
    }

    /// <summary>
    /// True for an error that tells something about what is there. Others may pass: a disk that fails, too little
    /// memory, too many open files.
    /// </summary>
    private static bool IsOfContent(Errno error) =>
        error.Code == ENOENT || error.Code == ENOTDIR || error.Code == EISDIR || error.Code == ELOOP
        || error.Code == ENXIO || error.Code == EXDEV || error.Code == EBUSY || error.Code == EPERM
        || error.Code == KernelErrors.NotRegular;

    private static IoResult<JournalContent?> ReadJournal(IDirectory partial, OutputIo io, nint slab)
    {
        if (!partial.OpenOutput(BundleNames.Journal, io).Try(out IOutputFile? file, out Errno error))
        {
            return IsOfContent(error)
                ? IoResult<JournalContent?>.Ok(null)
                : IoResult<JournalContent?>.Failed(error);
        }

        using (file)
            return ReadJournal(file, slab);
    }

    private static IoResult<JournalContent?> ReadJournal(IOutputFile file, nint slab)
    {
        JournalContent? journal = null;
        byte[] block = new byte[JournalFormat.BlockBytes];
        for (long at = 0; ; at += SegmentGrid.SegmentBytes)
        {
            IoResult read = BlockReader.Read(file, slab, SegmentGrid.SegmentBytes, at);
            if (!read.IsOk)
                return IoResult<JournalContent?>.Failed(read.Error);
            int length = (int)read.Value;
            for (int offset = 0; offset + block.Length <= length; offset += block.Length)
            {
                Slab(slab).Slice(offset, block.Length).CopyTo(block);
                if (journal is null)
                    journal = JournalContent.Begin(block);
                else if (!journal.TryAdd(block))
                    return IoResult<JournalContent?>.Ok(journal);
                if (journal is null)
                    return IoResult<JournalContent?>.Ok(null);
            }

            if (length < SegmentGrid.SegmentBytes)
                return IoResult<JournalContent?>.Ok(journal);
        }
    }

    private static unsafe Span<byte> Slab(nint slab) => new((void*)slab, SegmentGrid.SegmentBytes);

    private IoResult Clear(IDirectory partial)
    {
        HashSet<string> wanted = [];
        foreach (string output in journal.Files.Keys)
        {
            for (string above = PathText.Split(output).Parent; above.Length > 0 && wanted.Add(above);)
                above = PathText.Split(above).Parent;
        }

        foreach (string name in (string[])[BundleNames.Receipt, BundleNames.SegmentChecksums, BundleNames.Facts])
        {
            IoResult removed = partial.Probe(name).IsOk ? partial.RemoveTree(name) : IoResult.Done;
            if (!removed.IsOk)
                return removed;
        }

        if (!partial.OpenOwnDirectory(BundleNames.Files).Try(out IDirectory? files, out Errno error))
            return IoResult.Failed(error);
        using (files)
            return Clear(files, "", wanted);
    }

    private IoResult Clear(IDirectory directory, string path, HashSet<string> wanted)
    {
        if (!directory.ListNames().Try(out IReadOnlyList<string>? names, out Errno error))
            return IoResult.Failed(error);
        foreach (string name in names)
        {
            string full = path.Length == 0 ? name : $"{path}/{name}";
            if (journal.Files.ContainsKey(full))
                continue;
            IoResult result = wanted.Contains(full)
                ? ClearBelow(directory, name, full, wanted)
                : directory.RemoveTree(name);
            if (!result.IsOk)
                return result;
        }

        return IoResult.Done;
    }

    private IoResult ClearBelow(IDirectory directory, string name, string path, HashSet<string> wanted)
    {
        if (!directory.OpenOwnDirectory(name).Try(out IDirectory? below, out Errno error))
            return IoResult.Failed(error);
        using (below)
        {
            directories.Add(path);
            return Clear(below, path, wanted);
        }
    }
}
