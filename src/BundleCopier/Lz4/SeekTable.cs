using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Faults;
using BundleCopier.Model;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Lz4;

/// <summary>One entry of the seek table: where a segment's data frame is.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="FrameBytes">The frame's length in bytes.</param>
/// <param name="FrameOffset">The frame's offset in the file.</param>
/// <param name="FrameHash">The XXH3 of the frame.</param>
internal readonly record struct SeekEntry(long Segment, int FrameBytes, long FrameOffset, ulong FrameHash)
{
    public long End => FrameOffset + FrameBytes;
}

/// <summary>The last 40 bytes of a compressed file. All values have been checked against the file's size.</summary>
/// <param name="ContentBytes">The size of the content.</param>
/// <param name="Count">The number of entries.</param>
/// <param name="Offset">The offset of the seek table's frame.</param>
/// <param name="Hash">The XXH3 of the entries and of the three numbers above.</param>
internal readonly record struct SeekTableFooter(long ContentBytes, long Count, long Offset, ulong Hash)
{
    // Segments are numbered in 4 bytes.
    private const long MaxContentBytes = (1L << 32) * SegmentGrid.SegmentBytes;

    /// <summary>Parses the footer.</summary>
    /// <param name="footer">The last 40 bytes of the file.</param>
    /// <param name="fileBytes">The file's size.</param>
    public static Result<SeekTableFooter, Damage> Parse(ReadOnlySpan<byte> footer, long fileBytes)
    {
        long at = fileBytes - FooterBytes;
        ulong contentBytes = LongWord(footer, 0);
        ulong count = LongWord(footer, 8);
        ulong offset = LongWord(footer, 16);
        if (!footer[32..].SequenceEqual(SeekTableMark))
        {
            return new Damage(
                DamageKind.NoSeekTable,
                at + 32,
                null,
                "The file does not end in a seek table: it was cut off, or it is not a compressed file of a bundle.");
        }

        if (contentBytes > MaxContentBytes)
            return Wrong(at, "The seek table claims more content than any file can have.");
        if (count > MaxEntries(contentBytes, fileBytes))
            return Wrong(at + 8, "The seek table claims more entries than there can be.");
        if (offset != (ulong)fileBytes - FooterBytes - SkippableHeaderBytes - (count * EntryBytes))
            return Wrong(at + 16, "The seek table is not where it says it is.");
        return new SeekTableFooter((long)contentBytes, (long)count, (long)offset, LongWord(footer, 24));
    }

    // The file must have room for each entry and its frame, and the content must have a segment for it.
    private static ulong MaxEntries(ulong contentBytes, long fileBytes) =>
        Math.Min((ulong)fileBytes / (MinFrameBytes + EntryBytes), (ulong)SegmentGrid.CountOf((long)contentBytes));

    private static Damage Wrong(long offset, string detail) => new(DamageKind.SeekTable, offset, null, detail);
}

/// <summary>
/// The table at the end of a compressed file, which tells where each data frame is (docs/format.md). It is checked in
/// pieces, in order, and is not held in memory: a table can be as large as its file.
/// </summary>
internal sealed class SeekTable(SeekTableFooter footer)
{
    private readonly XxHash3 hash = new();
    private SeekEntry? last;
    private int count;

    public long ContentBytes => footer.ContentBytes;

    /// <summary>The offset of the table's frame, and the end of all other frames.</summary>
    public long Offset => footer.Offset;

    /// <summary>How many entries have been checked.</summary>
    public int Count => count;

    /// <summary>Checks entries.</summary>
    /// <param name="piece">The next entries as they are in the file; never part of an entry.</param>
    /// <returns>What is wrong with the first invalid entry; null when all are valid.</returns>
    public Damage? Add(ReadOnlySpan<byte> piece)
    {
        hash.Append(piece);
        for (int at = 0; at < piece.Length; at += EntryBytes)
        {
            if (ProblemOf(piece[at..], count, last) is { } damage)
                return damage;
            last = EntryAt(piece[at..]);
            count++;
        }

        return null;
    }

    /// <summary>What is wrong with an entry; null when nothing is.</summary>
    /// <param name="bytes">The entry as it is in the file.</param>
    /// <param name="index">Its number.</param>
    /// <param name="before">The entry before it; null where there is none, or it is not known.</param>
    public Damage? ProblemOf(ReadOnlySpan<byte> bytes, int index, SeekEntry? before)
    {
        uint segment = Word(bytes, 0);
        uint length = Word(bytes, 4);
        ulong offset = LongWord(bytes, 8);
        long place = PlaceOf(index);
        if (segment <= before?.Segment || segment * (long)SegmentGrid.SegmentBytes >= ContentBytes)
            return Wrong(place, segment, "The seek table's segments are out of order or beyond the end.");
        if (length is < MinFrameBytes or > MaxFrameBytes)
            return Wrong(place + 4, segment, $"The seek table claims a frame of {length} bytes.");
        return offset > (ulong)Offset || length > (ulong)Offset - offset || (long)offset < (before?.End ?? 0)
            ? Wrong(place + 8, segment, "The seek table claims a frame where there can be none.")
            : null;
    }

    /// <summary>The offset of an entry in the file.</summary>
    public long PlaceOf(int index) => Offset + SkippableHeaderBytes + ((long)index * EntryBytes);

    /// <summary>Reads an entry.</summary>
    public static SeekEntry EntryAt(ReadOnlySpan<byte> bytes) =>
        new(Word(bytes, 0), (int)Word(bytes, 4), (long)LongWord(bytes, 8), LongWord(bytes, 16));

    /// <summary>Checks the table's hash, after all entries have been added.</summary>
    /// <param name="footerBytes">The last 40 bytes of the file.</param>
    public Damage? Complete(ReadOnlySpan<byte> footerBytes)
    {
        hash.Append(footerBytes[..SeekTableHashedTailBytes]);
        return hash.GetCurrentHashAsUInt64() == footer.Hash
            ? null
            : new Damage(DamageKind.SeekTableChecksum, Offset, null, "The seek table does not match its checksum.");
    }

    private static Damage Wrong(long offset, long segment, string detail) =>
        new(DamageKind.SeekTable, offset, segment, detail);

    /// <summary>Writes the table.</summary>
    /// <param name="to">The stream that the table is written to.</param>
    /// <param name="entries">The data frames, sorted by segment number.</param>
    /// <param name="contentBytes">The size of the content.</param>
    /// <param name="offset">The offset of the table's frame in the file.</param>
    public static void Write(Stream to, IReadOnlyList<SeekEntry> entries, long contentBytes, long offset)
    {
        // SourceScout compresses no file that is larger than MaxTableContentBytes, so an overflow is a bug.
        uint tableBytes = checked((uint)(((long)entries.Count * EntryBytes) + FooterBytes));
        XxHash3 hash = new();
        Span<byte> piece = stackalloc byte[FooterBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(piece, SeekTableMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(piece[4..], tableBytes);
        to.Write(piece[..SkippableHeaderBytes]);
        foreach (SeekEntry entry in entries)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(piece, checked((uint)entry.Segment));
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
