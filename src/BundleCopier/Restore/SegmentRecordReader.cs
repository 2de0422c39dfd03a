using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>Reads the record of a raw file in a bundle's file <c>checksums</c>.</summary>
internal static class SegmentRecordReader
{
    // Whole entries.
    private const int PieceBytes = SegmentGrid.SegmentBytes;

    /// <summary>Reads a record and checks it against the file's checksum in the receipt.</summary>
    /// <param name="file">The bundle's file of checksums.</param>
    /// <param name="window">Memory to read it into.</param>
    /// <param name="entry">The file's entry in the receipt, which has a checksum.</param>
    /// <param name="offset">The offset of the record.</param>
    public static Result<SegmentDigests?, Damage> Read(
        StoredFile file, FrameWindow window, ReceiptFile entry, long offset)
    {
        if (offset > file.SizeBytes - SegmentRecord.HeaderBytes)
            return Wrong(offset, "The file ends before the checksums");
        // A record that claims more than the file has takes no memory.
        long at = offset + SegmentRecord.HeaderBytes;
        long maxCount = Math.Min(
            SegmentGrid.CountOf(entry.SizeBytes), (file.SizeBytes - at) / SegmentRecord.EntryBytes);
        long limit = at + (maxCount * SegmentRecord.EntryBytes);
        if (window.Load(file, offset, SegmentRecord.HeaderBytes, limit) is { } unread)
            return unread;
        if (SegmentRecord.ReadCount(window.Loaded) is not { } count || count < 0 || count > maxCount)
            return Wrong(offset, "There are no checksums");
        SegmentHashes hashes = new();
        List<long> firsts = [];
        long start = at;
        long end = at + (count * SegmentRecord.EntryBytes);
        long last = -1;
        while (at < end)
        {
            int length = (int)Math.Min(end - at, PieceBytes);
            if (window.Load(file, at, length, end) is { } damage)
                return damage;
            for (int i = 0; i < length; i += SegmentRecord.EntryBytes)
            {
                SegmentDigest segment = SegmentRecord.ReadEntry(window.Loaded[i..]);
                if (segment.Segment <= last || segment.Segment >= SegmentGrid.CountOf(entry.SizeBytes))
                    return Wrong(at + i, "There is a wrong number in the checksums");
                hashes.Append(segment);
                if ((at + i - start) % (SegmentDigests.EntriesPerPiece * SegmentRecord.EntryBytes) == 0)
                    firsts.Add(segment.Segment);
                last = segment.Segment;
            }

            at += length;
        }

        return FileChecksum.Format(hashes.Complete(entry.SizeBytes)) == entry.Checksum
            ? new SegmentDigests(file, start, count, firsts)
            : Wrong(offset, "Something is wrong in the checksums");

        Damage Wrong(long where, string what) =>
            new(DamageKind.SegmentRecord, where, null, $"{what} of the segments of {Printable.Of(entry.Output!)}.");
    }
}
