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

    private EarlierRun(JournalContent journal) => this.journal = journal;

    /// <summary>The boot of the machine in which the journal was begun.</summary>
    public string BootId => journal.BootId;

    /// <summary>The number of whole blocks of the journal.</summary>
    public long JournalBlocks => journal.Blocks;

    /// <summary>The outputs that may still hold something good, by their path below <c>files/</c>.</summary>
    public IReadOnlyDictionary<string, JournaledFile> Files => journal.Files;

    /// <summary>The directories below <c>files/</c> that exist.</summary>
    public IReadOnlySet<string> Directories => directories;

    /// <summary>
    /// Reads the journal, and removes everything else but the outputs that it lists. Null where there is no journal of
    /// this version, or something cannot be removed; then the directory is of no use.
    /// </summary>
    /// <param name="partial">The directory; this process has the lock.</param>
    /// <param name="slab">Memory for one segment.</param>
    public static EarlierRun? TakeOver(IDirectory partial, nint slab)
    {
        if (ReadJournal(partial, slab) is not { Files.Count: > 0 } journal)
            return null;
        EarlierRun run = new(journal);
        return run.TryClear(partial) ? run : null;
    }

    private static JournalContent? ReadJournal(IDirectory partial, nint slab)
    {
        if (!partial.OpenFile(BundleNames.Journal).Try(out ISourceFile? file, out _))
            return null;
        using (file)
        {
            JournalContent? journal = null;
            byte[] block = new byte[JournalFormat.BlockBytes];
            for (long at = 0; ; at += SegmentGrid.SegmentBytes)
            {
                int length = Fill(file, slab, at);
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

    private static int Fill(ISourceFile file, nint slab, long offset)
    {
        int done = 0;
        while (done < SegmentGrid.SegmentBytes)
        {
            IoResult read = file.Read(slab + done, SegmentGrid.SegmentBytes - done, offset + done);
            if (read.Error.IsInterrupted)
                continue;
            int whole = read.IsOk ? (int)Alignment.Down(read.Value) : 0;
            if (whole == 0)
                break;
            done += whole;
        }

        return done;
    }

    private bool TryClear(IDirectory partial)
    {
        HashSet<string> wanted = [];
        foreach (string output in journal.Files.Keys)
        {
            for (string above = PathText.Split(output).Parent; above.Length > 0 && wanted.Add(above);)
                above = PathText.Split(above).Parent;
        }

        foreach (string name in (string[])[BundleNames.Receipt, BundleNames.SegmentChecksums])
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
