using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Restore;

namespace BundleCopier.Compress;

/// <summary>Writes the seek table that ends a compressed file (docs/format.md).</summary>
internal static class SeekTable
{
    public const int EntryBytes = FrameFormat.EntryBytes;
    public const int FooterBytes = FrameFormat.FooterBytes;

    /// <summary>Writes the table.</summary>
    /// <param name="to">Where to; never holds more than a small piece back.</param>
    /// <param name="entries">The data frames, by rising segment number.</param>
    /// <param name="contentBytes">How much content the frames hold.</param>
    /// <param name="offset">Where in the file the table starts.</param>
    public static void Write(Stream to, IReadOnlyList<SeekEntry> entries, long contentBytes, long offset)
    {
        XxHash3 hash = new();
        Span<byte> piece = stackalloc byte[FooterBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(piece, Lz4Frame.SeekTableMagic);
        BinaryPrimitives.WriteInt32LittleEndian(piece[4..], (entries.Count * EntryBytes) + FooterBytes);
        to.Write(piece[..Lz4Frame.SkippableHeaderBytes]);
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
        FrameFormat.SeekTableMark.CopyTo(piece[32..]);
        to.Write(piece);
    }
}
