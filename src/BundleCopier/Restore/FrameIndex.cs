using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Model;

namespace BundleCopier.Restore;

/// <summary>Where the data frames of a compressed file are. Several threads can read it.</summary>
internal abstract class FrameIndex
{
    /// <summary>The size of the content.</summary>
    public abstract long ContentBytes { get; }

    /// <summary>The end of all frames.</summary>
    public abstract long Offset { get; }

    /// <summary>How many data frames there are.</summary>
    public abstract int Count { get; }

    /// <summary>The entries have hashes of the frames.</summary>
    public abstract bool HasHashes { get; }

    /// <summary>A frame's entry.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="scratch">The calling thread's own.</param>
    public abstract Result<SeekEntry, Damage> Entry(int index, Scratch scratch);

    /// <summary>The number of a segment's frame; -1 when the segment has none, because it is all zeros.</summary>
    public Result<int, Damage> IndexOf(long segment, Scratch scratch)
    {
        int low = 0;
        int high = Count - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) / 2);
            if (!Entry(middle, scratch).Try(out SeekEntry entry, out Damage? damage))
                return damage;
            if (entry.Segment == segment)
                return middle;
            if (entry.Segment < segment)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }
}

/// <summary>
/// The seek table of a file. Its entries are read when they are needed, so a table of any length needs no memory.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="table">Its table, which has been checked.</param>
internal sealed class StoredFrameIndex(StoredFile file, SeekTable table) : FrameIndex
{
    public override long ContentBytes => table.ContentBytes;

    public override long Offset => table.Offset;

    public override int Count => table.Count;

    public override bool HasHashes => true;

    public override Result<SeekEntry, Damage> Entry(int index, Scratch scratch)
    {
        long at = table.PlaceOf(index);
        if (scratch.Table.Load(file, at, FrameFormat.EntryBytes, table.PlaceOf(Count)) is { } unread)
            return unread;
        // Another program may have changed the file since the table was checked.
        ReadOnlySpan<byte> bytes = scratch.Table.Loaded;
        return table.ProblemOf(bytes, index, before: null) is { } damage ? damage : SeekTable.EntryAt(bytes);
    }
}

/// <summary>The frames that were found in a file without a seek table.</summary>
/// <param name="contentBytes">The size of the content.</param>
/// <param name="fileBytes">The size of the file.</param>
internal sealed class FoundFrameIndex(long contentBytes, long fileBytes) : FrameIndex
{
    /// <summary>
    /// How many frames are held: 512 GiB of content. A made-up file could have so many that they fill the memory.
    /// </summary>
    public const int MaxCount = 512 * 1024;

    // Small pieces, because a list that grows needs three times its memory for a while.
    private const int FramesPerPiece = 4096;

    private readonly List<Frame[]> pieces = [];
    private int count;

    public override long ContentBytes => contentBytes;

    public override long Offset => fileBytes;

    public override int Count => count;

    // There is no seek table with hashes to compare with. Each frame has a checksum of its content.
    public override bool HasHashes => false;

    /// <summary>Adds a frame.</summary>
    public void Add(long segment, int frameBytes, long frameOffset)
    {
        if (count % FramesPerPiece == 0)
            pieces.Add(new Frame[FramesPerPiece]);
        pieces[^1][count++ % FramesPerPiece] = new Frame(checked((uint)segment), frameBytes, frameOffset);
    }

    public override Result<SeekEntry, Damage> Entry(int index, Scratch scratch)
    {
        Frame found = pieces[index / FramesPerPiece][index % FramesPerPiece];
        return new SeekEntry(found.Segment, found.Bytes, found.Offset, 0);
    }

    private readonly record struct Frame(uint Segment, int Bytes, long Offset);
}
