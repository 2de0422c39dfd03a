using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Model;

namespace BundleCopier.Lz4;

/// <summary>Writes the parts of LZ4 frames (docs/format.md).</summary>
internal static class Lz4Frame
{
    public const int HeaderBytes = FrameFormat.HeaderBytes;
    public const int BlockHeaderBytes = FrameFormat.BlockHeaderBytes;
    public const int TrailerBytes = FrameFormat.EndMarkBytes + FrameFormat.ChecksumBytes;
    public const int StoredFrontBytes = HeaderBytes + BlockHeaderBytes;

    /// <summary>The highest bit of a block's size: its bytes are stored as they are.</summary>
    public const uint StoredBlock = FrameFormat.StoredBlock;

    /// <summary>A block of at most 1 MiB: one segment.</summary>
    public const byte SegmentBlocks = FrameFormat.DataBlocks;

    /// <summary>A block of at most 4 MiB: the most that LZ4 knows, for zeros.</summary>
    public const byte ZeroBlocks = FrameFormat.ZeroBlocks;

    public const uint PaddingMagic = FrameFormat.PaddingMagic;
    public const uint SeekTableMagic = FrameFormat.SeekTableMagic;
    public const int SkippableHeaderBytes = FrameFormat.SkippableHeaderBytes;

    private const uint Magic = FrameFormat.FrameMagic;

    // Version 1, independent blocks, content size, content checksum.
    private const byte Flags = FrameFormat.Flags;

    public static void WriteHeader(Span<byte> to, byte blockSizes, long contentBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = Flags;
        to[5] = blockSizes;
        BinaryPrimitives.WriteInt64LittleEndian(to[6..], contentBytes);
        to[14] = (byte)(XxHash32.HashToUInt32(to[4..14]) >> 8);
    }

    /// <summary>Writes the headers of a frame that stores a segment as one block.</summary>
    public static void WriteStoredFront(Span<byte> to, int contentBytes)
    {
        WriteHeader(to, SegmentBlocks, contentBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(to[HeaderBytes..], (uint)contentBytes | StoredBlock);
    }

    /// <summary>Writes the end mark and the content's checksum.</summary>
    public static void WriteTrailer(Span<byte> to, uint contentChecksum)
    {
        to[..4].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], contentChecksum);
    }

    /// <summary>
    /// The length of the padding at an offset: up to the next block boundary, or to the one after it when the gap is
    /// too short for a skippable frame.
    /// </summary>
    public static int PaddingAfter(long offset)
    {
        int gap = (int)(Alignment.Up(offset) - offset);
        return gap is > 0 and < SkippableHeaderBytes ? gap + Alignment.Bytes : gap;
    }

    public static void WritePadding(Span<byte> to)
    {
        if (to.IsEmpty)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(to, PaddingMagic);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], to.Length - SkippableHeaderBytes);
        to[SkippableHeaderBytes..].Clear();
    }
}
