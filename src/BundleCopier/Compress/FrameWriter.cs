using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Write;

namespace BundleCopier.Compress;

/// <summary>
/// Puts a placed segment on disk: the zeros before it, its frame, its padding. Synchronous and without actors.
/// </summary>
internal static class FrameWriter
{
    /// <summary>Writes one segment of a compressed file.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="zeros">Long runs of zeros.</param>
    /// <param name="placement">Where in the file.</param>
    /// <param name="packed">What the segment became.</param>
    /// <param name="content">The segment as it was read; written from here when it is stored.</param>
    /// <param name="contentBytes">Its length.</param>
    /// <param name="frame">Its frame, or room for what goes around it.</param>
    /// <param name="pieceBytes">The most that one write hands to the disk.</param>
    public static Errno Write(
        IOutputFile output, ZeroTape zeros, Placement placement, PackedSegment packed, Lease content, int contentBytes, Lease frame, int pieceBytes)
    {
        if (placement.ZeroGroups > 0 && zeros.Write(output, placement.Offset, placement.ZeroGroups) is { IsError: true } failed)
            return failed;
        FrameWrite layout = FrameWrite.Of(placement.ZeroBytes, packed);
        return packed.IsStored
            ? WriteStored(output, placement, packed, layout, content, contentBytes, frame, pieceBytes)
            : WriteWhole(output, placement, layout, frame, pieceBytes);
    }

    private static Errno WriteWhole(IOutputFile output, Placement placement, FrameWrite layout, Lease frame, int pieceBytes)
    {
        Span<byte> slab = frame.Slab;
        if (layout.ZeroFrameBytes > 0)
        {
            slab[..layout.FrameBytes].CopyTo(slab[layout.FrameOffset..]);
            ZeroFrame.Write(slab, placement.ZeroBytes);
        }

        Lz4Frame.WritePadding(slab.Slice(layout.FrameOffset + layout.FrameBytes, layout.PaddingBytes));
        Transfer.Write(output, frame.Address, layout.TotalBytes, placement.FrameWriteOffset, pieceBytes, out Errno error);
        return error;
    }

    /// <summary>What goes in front and behind is put together in the frame's slab; the segment itself is not copied.</summary>
    private static Errno WriteStored(
        IOutputFile output, Placement placement, PackedSegment packed, FrameWrite layout, Lease content, int contentBytes, Lease frame, int pieceBytes)
    {
        Span<byte> slab = frame.Slab;
        if (layout.ZeroFrameBytes > 0)
            ZeroFrame.Write(slab, placement.ZeroBytes);
        Lz4Frame.WritePadding(slab.Slice(layout.ZeroFrameBytes, layout.FrontPaddingBytes));
        Lz4Frame.WriteStoredFront(slab[layout.FrameOffset..], contentBytes);

        int wholeBytes = (int)Alignment.Down(contentBytes);
        int restBytes = contentBytes - wholeBytes;
        int tailBytes = restBytes + Lz4Frame.TrailerBytes + layout.PaddingBytes;
        Span<byte> tail = slab.Slice(layout.StoredOffset, tailBytes);
        content.Slab.Slice(wholeBytes, restBytes).CopyTo(tail);
        Lz4Frame.WriteTrailer(tail[restBytes..], packed.Checksum);
        Lz4Frame.WritePadding(tail[(restBytes + Lz4Frame.TrailerBytes)..]);

        long start = placement.FrameWriteOffset;
        // As one request where it goes: two small ones around each segment cost a third of the speed (measured).
        if (pieceBytes >= SegmentGrid.SegmentBytes && output.WriteTogether(
            [new(frame.Address, layout.StoredOffset), new(content.Address, wholeBytes), new(frame.Address + layout.StoredOffset, tailBytes)],
            start).Value == layout.TotalBytes)
            return Errno.None;
        Transfer.Write(output, frame.Address, layout.StoredOffset, start, pieceBytes, out Errno error);
        if (!error.IsError)
            Transfer.Write(output, content.Address, wholeBytes, start + layout.StoredOffset, pieceBytes, out error);
        if (!error.IsError)
            Transfer.Write(output, frame.Address + layout.StoredOffset, tailBytes, start + layout.StoredOffset + wholeBytes, pieceBytes, out error);
        return error;
    }
}
