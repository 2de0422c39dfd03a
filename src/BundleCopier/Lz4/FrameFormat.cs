using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Model;

namespace BundleCopier.Lz4;

/// <summary>The constants of the compressed format (docs/format.md), for its reader and its writer.</summary>
internal static class FrameFormat
{
    public const uint FrameMagic = 0x184D2204;
    public const uint PaddingMagic = 0x184D2A50;
    public const uint SeekTableMagic = 0x184D2A5B;

    /// <summary>Version 1, independent blocks, content size, content checksum.</summary>
    public const byte Flags = 0x6C;

    /// <summary>Block descriptor of a data frame: blocks of at most 1 MiB, which is one segment.</summary>
    public const byte DataBlocks = 0x60;

    /// <summary>Block descriptor of a frame of zeros: blocks of at most 4 MiB, the maximum of LZ4.</summary>
    public const byte ZeroBlocks = 0x70;

    public const int MagicBytes = 4;
    public const int HeaderBytes = 15;
    public const int FlagsOffset = 4;
    public const int BlockDescriptorOffset = 5;
    public const int ContentSizeOffset = 6;
    public const int HeaderChecksumOffset = 14;
    public const int BlockHeaderBytes = 4;
    public const int EndMarkBytes = 4;
    public const int ChecksumBytes = 4;

    /// <summary>The flag in a block's header for a block that is stored, not compressed.</summary>
    public const uint StoredBlock = 0x8000_0000;

    /// <summary>The end mark and the content's checksum.</summary>
    public const int TrailerBytes = EndMarkBytes + ChecksumBytes;

    /// <summary>The headers of the frame and its block, before a segment that is stored as one block.</summary>
    public const int StoredFrontBytes = HeaderBytes + BlockHeaderBytes;

    /// <summary>A skippable frame's magic and length.</summary>
    public const int SkippableHeaderBytes = 8;

    public const int MaxBlockBytes = SegmentGrid.SegmentBytes;

    /// <summary>The maximum number of zeros in one frame.</summary>
    public const int MaxZerosBytes = 4 << 20;

    /// <summary>A frame of one block with one byte in it.</summary>
    public const int MinFrameBytes = HeaderBytes + BlockHeaderBytes + 1 + TrailerBytes;

    /// <summary>
    /// The maximum length of a frame before the seek table, so that a reader can use a buffer of a fixed size. A
    /// segment that LZ4 does not shrink is stored, and 4 KiB are enough for the headers of 1,000 blocks.
    /// </summary>
    public const int MaxFrameBytes = SegmentGrid.SegmentBytes + Alignment.Bytes;

    public const int FooterBytes = 40;
    public const int EntryBytes = 24;
    public const int SeekTableHashedTailBytes = 24;

    /// <summary>
    /// The largest file that is compressed, 170 TiB: the length of its seek table is a number of 4 bytes.
    /// </summary>
    public const long MaxTableContentBytes =
        (uint.MaxValue - FooterBytes) / EntryBytes * (long)SegmentGrid.SegmentBytes;

    public static ReadOnlySpan<byte> SeekTableMark => "BCSEEK1\0"u8;

    public static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    public static ulong LongWord(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    /// <summary>The second byte of the XXH32 of the descriptor (lz4_Frame_format.md).</summary>
    public static byte HeaderChecksum(ReadOnlySpan<byte> frame) =>
        (byte)(XxHash32.HashToUInt32(frame[FlagsOffset..HeaderChecksumOffset]) >> 8);
}
