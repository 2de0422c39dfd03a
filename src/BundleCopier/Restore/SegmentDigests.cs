using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// The hashes that the segments of a raw file should have. They stay in the bundle's file <c>checksums</c> and are read
/// when they are needed: a million of them would take 16 MiB for each file that is open. Several threads can read it.
/// </summary>
/// <param name="file">The bundle's file of checksums.</param>
/// <param name="offset">The offset of the first entry. All entries have been checked.</param>
/// <param name="count">How many entries there are: segments that are not all zeros, in order.</param>
/// <param name="firsts">The segment of the first entry of each piece.</param>
internal sealed class SegmentDigests(StoredFile file, long offset, long count, List<long> firsts)
{
    /// <summary>The entries of one piece, which is read at once.</summary>
    public const int EntriesPerPiece = 4096;

    /// <summary>The hash that a segment should have; null for one that should be all zeros.</summary>
    public Result<ulong?, Damage> DigestOf(long segment, Scratch scratch) =>
        !FirstFrom(segment, scratch).Try(out SegmentDigest? found, out Damage? unread) ? unread
        : Result<ulong?, Damage>.Ok(found?.Segment == segment ? found.Value.Digest : null);

    /// <summary>The first segment from this one on that should have data; null when there is none.</summary>
    public Result<long?, Damage> NextFrom(long segment, Scratch scratch) =>
        FirstFrom(segment, scratch).Try(out SegmentDigest? found, out Damage? unread)
            ? Result<long?, Damage>.Ok(found?.Segment)
            : unread;

    private Result<SegmentDigest?, Damage> FirstFrom(long segment, Scratch scratch)
    {
        // The last piece that begins with this segment or before it has the segment, if any has.
        int found = firsts.BinarySearch(segment);
        int piece = Math.Max(0, found >= 0 ? found : ~found - 1);
        while (piece < firsts.Count)
        {
            long from = (long)piece * EntriesPerPiece;
            int entries = (int)Math.Min(EntriesPerPiece, count - from);
            long end = offset + (count * SegmentRecord.EntryBytes);
            if (scratch.Table.Load(
                file, offset + (from * SegmentRecord.EntryBytes), entries * SegmentRecord.EntryBytes, end)
                is { } unread)
            {
                return unread;
            }

            int at = Search(scratch.Table.Loaded, entries, segment);
            if (at < entries)
                return SegmentRecord.ReadEntry(scratch.Table.Loaded[(at * SegmentRecord.EntryBytes)..]);
            piece++;
        }

        return Result<SegmentDigest?, Damage>.Ok(null);
    }

    private static int Search(ReadOnlySpan<byte> entries, int count, long segment)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (SegmentRecord.ReadEntry(entries[(middle * SegmentRecord.EntryBytes)..]).Segment < segment)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
