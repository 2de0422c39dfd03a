using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The journal of a bundle in progress, written around the page cache like everything else. If it cannot be written, it
/// ends there, and the copy goes on: a later run copies again what it does not list. It is not synced, because a later
/// run compares each segment with what is on disk. It is the first file in the directory of a bundle and is there until
/// the bundle has its name, which tells such a directory from a finished bundle (<see cref="StaleClaim"/>). So a copy
/// does not begin without its name. Synchronous and without actors.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    // Less than the slab.
    private const int MaxHeldBytes = 256 * 1024;
    private const int MinFreeBytes = 128 * 1024;

    private readonly IDirectory bundle;
    private readonly nint slab;
    private readonly JournalBlocks blocks;
    private readonly HashSet<int> files = []; // those that have a record
    private IOutputFile? file;
    private long end;

    private JournalFile(IDirectory bundle, nint slab, IOutputFile? file, long firstBlock)
    {
        this.bundle = bundle;
        this.slab = slab;
        this.file = file;
        blocks = new JournalBlocks(firstBlock);
        end = firstBlock * JournalFormat.BlockBytes;
    }

    /// <summary>Makes the journal of a new bundle, which is empty until <see cref="Start"/>.</summary>
    /// <param name="bundle">The bundle's directory, which the caller owns.</param>
    /// <param name="io">How it is written.</param>
    /// <param name="slab">Memory for one segment, which only the keeper uses.</param>
    public static IoResult<JournalFile> Create(IDirectory bundle, OutputIo io, nint slab) =>
        bundle.CreateFile(BundleNames.Journal, io).Try(out IOutputFile? file, out Errno error)
            ? IoResult<JournalFile>.Ok(new JournalFile(bundle, slab, file, firstBlock: 0))
            : IoResult<JournalFile>.Failed(error);

    /// <summary>Begins a new journal, unless little space is left: the last blocks of a disk are for files.</summary>
    /// <param name="bootId">See <see cref="IKernel.BootId"/>.</param>
    /// <param name="name">The name of the bundle in the manifest.</param>
    /// <param name="freeBytes">The space that the copy may use; null where that is not known.</param>
    public void Start(string bootId, string name, long? freeBytes)
    {
        if (freeBytes < MinFreeBytes)
        {
            Close();
            return;
        }

        blocks.AddStart(bootId, name);
        Flush();
    }

    /// <summary>Goes on with the journal of an earlier run.</summary>
    /// <param name="bundle">The bundle's directory, which the caller owns.</param>
    /// <param name="io">How it is written.</param>
    /// <param name="slab">Memory for one segment, which only the keeper uses.</param>
    /// <param name="bootId">See <see cref="IKernel.BootId"/>.</param>
    /// <param name="name">The name of the bundle in the manifest.</param>
    /// <param name="blocks">The number of its blocks that are whole.</param>
    public static JournalFile Continue(
        IDirectory bundle, OutputIo io, nint slab, string bootId, string name, long blocks)
    {
        _ = bundle.OpenOutput(BundleNames.Journal, io).Try(out IOutputFile? file, out _);
        JournalFile journal = new(bundle, slab, file, blocks);
        if (file is null || !file.SetLength(journal.end).IsOk)
            journal.Close();
        else
            journal.blocks.AddStart(bootId, name);
        return journal;
    }

    /// <summary>A later run can go on from it.</summary>
    public bool IsThere => file is not null;

    /// <summary>
    /// Whether another process has removed, replaced or cut it, so that a power cut would leave what looks like a
    /// finished bundle.
    /// </summary>
    public bool IsChanged() => file is not null
        && file.Identify(out FileIdentity identity).IsOk
        && (!file.Holds(end, end) || bundle.IsChanged(BundleNames.Journal, identity));

    /// <summary>Notes that a file's output is there.</summary>
    /// <param name="number">The file's place in the order of the bundle.</param>
    /// <param name="output">The path of its output below <c>files/</c>.</param>
    /// <param name="stamp">Its source.</param>
    /// <param name="isAgain">The output is of an earlier run, whose segments still count.</param>
    public void AddFile(int number, string output, SourceStamp stamp, bool isAgain)
    {
        if (file is null || !JournalFormat.HasRoomFor(output))
            return;
        files.Add(number);
        blocks.AddFile(number, output, stamp, isAgain);
        if (blocks.Bytes >= MaxHeldBytes)
            Flush();
    }

    /// <summary>Writes down which segments are on disk.</summary>
    public void AddSegments(IReadOnlyList<JournalEntry> entries)
    {
        if (file is null)
            return;
        foreach (JournalEntry entry in entries)
        {
            if (files.Contains(entry.File))
                blocks.AddSegment(entry);
        }

        Flush();
    }

    /// <summary>Removes the journal: the bundle is complete.</summary>
    public IoResult Remove()
    {
        Dispose();
        IoResult removed = bundle.RemoveTree(BundleNames.Journal);
        return removed.Error.Code == ENOENT ? IoResult.Done : removed;
    }

    /// <summary>Empties the journal: a later run takes nothing over, and clears the directory away.</summary>
    public void Discard(OutputIo io)
    {
        if (file is null)
            _ = bundle.OpenOutput(BundleNames.Journal, io).Try(out file, out _);
        // Its name stays: without it, a power cut could leave what looks like a finished bundle.
        bool isEmpty = file?.SetLength(0).IsOk == true;
        Close();
        if (!isEmpty && Remove().IsOk && bundle.CreateFile(BundleNames.Journal, io).Try(out IOutputFile? empty, out _))
            empty.Dispose();
    }

    public void Dispose()
    {
        Close();
        blocks.Dispose();
    }

    private void Flush()
    {
        if (file is null)
            return;
        ReadOnlySpan<byte> taken = blocks.Take();
        using SlabStream stream = new(file, slab, end);
        stream.Write(taken);
        end += taken.Length;
        if (!stream.WriteRest().IsOk)
            Close();
    }

    private void Close()
    {
        file?.Dispose();
        file = null;
    }
}
