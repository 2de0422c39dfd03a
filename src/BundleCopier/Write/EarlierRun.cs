using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// What a run that was killed has left in <c>.NAME.partial</c>, where its journal can be read. Everything that the
/// journal does not list is removed. Synchronous and without actors.
/// </summary>
internal sealed class EarlierRun
{
    private readonly JournalContent journal;
    private readonly HashSet<string> directories = [];

    private readonly string bootId;

    private EarlierRun(JournalContent journal, string bootId) => (this.journal, this.bootId) = (journal, bootId);

    /// <summary>The number of whole blocks of the journal.</summary>
    public long JournalBlocks => journal.Blocks;

    /// <summary>The outputs that may still hold something good, by their path below <c>files/</c>.</summary>
    public IReadOnlyDictionary<string, JournaledFile> Files => journal.Files;

    /// <summary>What is on the disk, as the journal says, in bytes of data.</summary>
    public long DataBytes => journal.Files.Values.Sum(static file => file.Segments.DataBytes);

    /// <summary>It is certain that the machine was not started again since the output was made.</summary>
    public bool IsOfThisBoot(JournaledFile file) => bootId.Length > 0 && file.BootId == bootId;

    /// <summary>Takes out an output that a file of this run takes over.</summary>
    public JournaledFile Take(string output) => journal.Take(output);

    /// <summary>The directories below <c>files/</c> that exist.</summary>
    public IReadOnlySet<string> Directories => directories;

    /// <summary>
    /// Reads the journal, and removes everything else but the outputs that it lists. Null where there is no journal of
    /// this version, or something cannot be removed; then the directory is of no use.
    /// </summary>
    /// <param name="partial">The directory; this process has the lock.</param>
    /// <param name="io">How its files are read.</param>
    /// <param name="slab">Memory for one segment.</param>
    /// <param name="bootId">See <see cref="IKernel.BootId"/>.</param>
    public static EarlierRun? TakeOver(IDirectory partial, OutputIo io, nint slab, string bootId)
    {
        if (ReadJournal(partial, io, slab) is not { Files.Count: > 0 } journal)
            return null;
        EarlierRun run = new(journal, bootId);
        return run.TryClear(partial) ? run : null;
    }

    private static JournalContent? ReadJournal(IDirectory partial, OutputIo io, nint slab)
    {
        if (!partial.OpenOutput(BundleNames.Journal, io).Try(out IOutputFile? file, out _))
            return null;
        using (file)
        {
            JournalContent? journal = null;
            byte[] block = new byte[JournalFormat.BlockBytes];
            for (long at = 0; ; at += SegmentGrid.SegmentBytes)
            {
                int length = (int)BlockReader.Read(file, slab, SegmentGrid.SegmentBytes, at).Value;
                for (int offset = 0; offset + block.Length <= length; offset += block.Length)
                {
                    Slab(slab).Slice(offset, block.Length).CopyTo(block);
                    if (journal is null)
                        journal = JournalContent.Begin(block);
                    else if (!journal.TryAdd(block))
                        return journal;
                    if (journal is null)
                        return null;
                }

                if (length < SegmentGrid.SegmentBytes)
                    return journal;
            }
        }
    }

    private static unsafe Span<byte> Slab(nint slab) => new((void*)slab, SegmentGrid.SegmentBytes);

    private bool TryClear(IDirectory partial)
    {
        HashSet<string> wanted = [];
        foreach (string output in journal.Files.Keys)
        {
            for (string above = PathText.Split(output).Parent; above.Length > 0 && wanted.Add(above);)
                above = PathText.Split(above).Parent;
        }

        foreach (string name in (string[])[BundleNames.Receipt, BundleNames.SegmentChecksums, BundleNames.Facts])
        {
            if (partial.Probe(name).IsOk && !partial.RemoveTree(name).IsOk)
                return false;
        }

        if (!partial.OpenOwnDirectory(BundleNames.Files).Try(out IDirectory? files, out _))
            return false;
        using (files)
            return TryClear(files, "", wanted);
    }

    private bool TryClear(IDirectory directory, string path, HashSet<string> wanted)
    {
        if (!directory.ListNames().Try(out IReadOnlyList<string>? names, out _))
            return false;
        foreach (string name in names)
        {
            string full = path.Length == 0 ? name : $"{path}/{name}";
            if (journal.Files.ContainsKey(full))
                continue;
            if (!wanted.Contains(full))
            {
                if (!directory.RemoveTree(name).IsOk)
                    return false;
                continue;
            }

            if (!directory.OpenOwnDirectory(name).Try(out IDirectory? below, out _))
                return false;
            using (below)
            {
                directories.Add(full);
                if (!TryClear(below, full, wanted))
                    return false;
            }
        }

        return true;
    }
}
