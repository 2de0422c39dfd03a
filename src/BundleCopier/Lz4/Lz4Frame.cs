using System.Buffers.Binary;
using BundleCopier.Model;

namespace BundleCopier.Lz4;

/// <summary>Writes the parts of LZ4 frames (docs/format.md).</summary>
internal static class Lz4Frame
{
    public static void WriteHeader(Span<byte> to, byte blockDescriptor, long contentBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, FrameFormat.FrameMagic);
        to[FrameFormat.FlagsOffset] = FrameFormat.Flags;
        to[FrameFormat.BlockDescriptorOffset] = blockDescriptor;
        BinaryPrimitives.WriteInt64LittleEndian(to[FrameFormat.ContentSizeOffset..], contentBytes);
        to[FrameFormat.HeaderChecksumOffset] = FrameFormat.HeaderChecksum(to);
    }

    /// <summary>Writes the headers of a frame that stores a segment as one block.</summary>
    public static void WriteStoredFront(Span<byte> to, int contentBytes)
    {
        WriteHeader(to, FrameFormat.DataBlocks, contentBytes);
        uint blockHeader = (uint)contentBytes | FrameFormat.StoredBlock;
        BinaryPrimitives.WriteUInt32LittleEndian(to[FrameFormat.HeaderBytes..], blockHeader);
    }

    /// <summary>Writes the end mark and the content's checksum.</summary>
    public static void WriteTrailer(Span<byte> to, uint contentChecksum)
    {
        to[..FrameFormat.EndMarkBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to[FrameFormat.EndMarkBytes..], contentChecksum);
    }

    /// <summary>
    /// The length of the padding at an offset: up to the next block boundary, or to the one after it when the gap is
    /// too short for a skippable frame.
    /// </summary>
    public static int PaddingAfter(long offset)
    {
        int gap = (int)(Alignment.Up(offset) - offset);
        return gap is > 0 and < FrameFormat.SkippableHeaderBytes ? gap + Alignment.Bytes : gap;
    }

    public static void WritePadding(Span<byte> to)
    {
        if (to.IsEmpty)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(to, FrameFormat.PaddingMagic);
        int contentBytes = to.Length - FrameFormat.SkippableHeaderBytes;
        BinaryPrimitives.WriteInt32LittleEndian(to[FrameFormat.MagicBytes..], contentBytes);
        to[FrameFormat.SkippableHeaderBytes..].Clear();
    }
}
