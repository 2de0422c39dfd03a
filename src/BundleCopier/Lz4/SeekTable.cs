using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Faults;
using BundleCopier.Model;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Lz4;

/// <summary>Where the data frame of a segment is.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="FrameBytes">The frame's length in bytes.</param>
/// <param name="FrameOffset">Where in the file it starts.</param>
/// <param name="FrameHash">The XXH3 of the frame.</param>
internal readonly record struct SeekEntry(long Segment, int FrameBytes, long FrameOffset, ulong FrameHash)
{
    public long End => FrameOffset + FrameBytes;
}

/// <summary>What the last bytes of a compressed file say; everything in it has been checked against the file's size.</summary>
/// <param name="ContentBytes">The size of the content.</param>
/// <param name="Count">How many entries there are.</param>
/// <param name="Offset">Where the seek table's frame starts.</param>
/// <param name="Hash">The XXH3 of the entries and the three numbers above.</param>
internal readonly record struct SeekTableFooter(long ContentBytes, long Count, long Offset, ulong Hash)
{
    // Segments are numbered in 4 bytes.
    private const long MaxContentBytes = (1L << 32) * SegmentGrid.SegmentBytes;

    /// <summary>Reads the last 40 bytes of a file.</summary>
    /// <param name="footer">These bytes.</param>
    /// <param name="fileBytes">The file's size.</param>
    /// <param name="damage">What is wrong; null when nothing is.</param>
    public static SeekTableFooter Parse(ReadOnlySpan<byte> footer, long fileBytes, out Damage? damage)
    {
        long at = fileBytes - FooterBytes;
        ulong contentBytes = LongWord(footer, 0);
        ulong count = LongWord(footer, 8);
        ulong offset = LongWord(footer, 16);
        damage = null;
        if (!footer[32..].SequenceEqual(SeekTableMark))
            damage = new Damage(DamageKind.NoSeekTable, at + 32, null, "The file does not end in a seek table: it was cut, or it is no compressed file of a bundle.");
        else if (contentBytes > MaxContentBytes)
            damage = Wrong(at, "The seek table claims more content than any file can have.");
        // Each entry stands for a frame and takes room itself, so the number cannot exceed what the file has bytes for.
        else if (count > (ulong)fileBytes / (MinFrameBytes + EntryBytes) || count > (contentBytes + SegmentGrid.SegmentBytes - 1) / SegmentGrid.SegmentBytes)
            damage = Wrong(at + 8, "The seek table claims more entries than there can be.");
        else if (offset != (ulong)fileBytes - FooterBytes - SkippableHeaderBytes - (count * EntryBytes))
            damage = Wrong(at + 16, "The seek table is not where it says it is.");
        return damage is null ? new SeekTableFooter((long)contentBytes, (long)count, (long)offset, LongWord(footer, 24)) : default;
    }

    private static Damage Wrong(long offset, string detail) => new(DamageKind.SeekTable, offset, null, detail);
}

/// <summary>
/// Where each data frame of a compressed file is: the table that ends the file (docs/format.md). Built from pieces of the table in order, and every entry is checked when
/// it is added, so a table that lies takes no more memory than the part of it that could be true.
/// </summary>
internal sealed class SeekTable(SeekTableFooter footer)
{
    private readonly XxHash3 hash = new();
    private readonly List<SeekEntry> entries = [];

    public long ContentBytes => footer.ContentBytes;

    /// <summary>Where the table's frame starts: the end of everything else.</summary>
    public long Offset => footer.Offset;

    public int Count => entries.Count;

    public SeekEntry this[int index] => entries[index];

    /// <summary>Adds entries behind those that are there.</summary>
    /// <param name="piece">A whole number of entries as they are in the file.</param>
    /// <returns>Null, or what is wrong with the first that is.</returns>
    public Damage? Add(ReadOnlySpan<byte> piece)
    {
        hash.Append(piece);
        for (int at = 0; at < piece.Length; at += EntryBytes)
        {
            uint segment = Word(piece, at);
            uint length = Word(piece, at + 4);
            ulong offset = LongWord(piece, at + 8);
            long place = Offset + SkippableHeaderBytes + ((long)entries.Count * EntryBytes);
            SeekEntry? last = entries.Count == 0 ? null : entries[^1];
            if (segment <= last?.Segment || segment * (long)SegmentGrid.SegmentBytes >= ContentBytes)
                return new Damage(DamageKind.SeekTable, place, segment, "The seek table's segments are out of order or beyond the end.");
            if (length is < MinFrameBytes or > MaxFrameBytes)
                return new Damage(DamageKind.SeekTable, place + 4, segment, $"The seek table claims a frame of {length} bytes.");
            if (offset > (ulong)Offset || length > (ulong)Offset - offset || (long)offset < (last?.End ?? 0))
                return new Damage(DamageKind.SeekTable, place + 8, segment, "The seek table claims a frame where there can be none.");
            entries.Add(new SeekEntry(segment, (int)length, (long)offset, LongWord(piece, at + 16)));
        }

        return null;
    }

    /// <summary>Checks the table as a whole, once all its entries have been added.</summary>
    /// <param name="footerBytes">The last 40 bytes of the file.</param>
    public Damage? Complete(ReadOnlySpan<byte> footerBytes)
    {
        hash.Append(footerBytes[..SeekTableHashedTailBytes]);
        return hash.GetCurrentHashAsUInt64() == footer.Hash
            ? null
            : new Damage(DamageKind.SeekTableChecksum, Offset, null, "The seek table does not match its checksum.");
    }

    /// <summary>The index of a segment's entry; negative when the segment is all zeros.</summary>
    public int IndexOf(long segment)
    {
        int low = 0;
        int high = entries.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (entries[middle].Segment == segment)
                return middle;
            if (entries[middle].Segment < segment)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    /// <summary>Writes the table.</summary>
    /// <param name="to">Where to; never holds more than a small piece back.</param>
    /// <param name="entries">The data frames, by rising segment number.</param>
    /// <param name="contentBytes">How much content the frames hold.</param>
    /// <param name="offset">Where in the file the table starts.</param>
    public static void Write(Stream to, IReadOnlyList<SeekEntry> entries, long contentBytes, long offset)
    {
        XxHash3 hash = new();
        Span<byte> piece = stackalloc byte[FooterBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(piece, SeekTableMagic);
        BinaryPrimitives.WriteInt32LittleEndian(piece[4..], (entries.Count * EntryBytes) + FooterBytes);
        to.Write(piece[..SkippableHeaderBytes]);
        foreach (SeekEntry entry in entries)
        {
            BinaryPrimitives.WriteInt32LittleEndian(piece, (int)entry.Segment);
            BinaryPrimitives.WriteInt32LittleEndian(piece[4..], entry.FrameBytes);
            BinaryPrimitives.WriteInt64LittleEndian(piece[8..], entry.FrameOffset);
            BinaryPrimitives.WriteUInt64LittleEndian(piece[16..], entry.FrameHash);
            hash.Append(piece[..EntryBytes]);
            to.Write(piece[..EntryBytes]);
        }

        BinaryPrimitives.WriteInt64LittleEndian(piece, contentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(piece[8..], entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(piece[16..], offset);
        hash.Append(piece[..24]);
        BinaryPrimitives.WriteUInt64LittleEndian(piece[24..], hash.GetCurrentHashAsUInt64());
        SeekTableMark.CopyTo(piece[32..]);
        to.Write(piece);
    }
}
