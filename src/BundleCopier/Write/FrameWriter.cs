using BundleCopier.Actors;
using BundleCopier.Govern;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>
/// Prepares the writes of a compressed segment that has its place: the zeros before it, its frame, its padding.
/// </summary>
internal static class FrameWriter
{
    /// <summary>Writes the groups of zeros before a segment.</summary>
    /// <param name="output">The file.</param>
    /// <param name="zeros">What they are written from.</param>
    /// <param name="placement">Where they go, and how many.</param>
    /// <param name="board">Writing ends when the copy stops; null for an end that must be written in any case.</param>
    /// <param name="pulse">Shows that it gets on; null where no actor waits for it.</param>
    public static IoResult WriteZeros(
        IOutputFile output, ZeroFrames zeros, Placement placement, IoBoard? board = null, Pulse? pulse = null) =>
        placement.ZeroGroups > 0
            ? zeros.Write(output, placement.Offset, placement.ZeroGroups, board, pulse)
            : IoResult.Done;

    /// <summary>
    /// Adds a frame of zeros and padding around a frame, and adds their memory to a task, as stretches that follow each
    /// other in the file. Call it once for each frame, because it moves the frame in its slab.
    /// </summary>
    public static void LayOut(SegmentJob job, CompressedSegment segment, WriteTask task)
    {
        Placement placement = job.Placement;
        FrameLayout layout = FrameLayout.Of(placement.ZeroBytes, segment);
        Lease frame = job.Frame!;
        if (segment.IsStored)
        {
            LayOutStored(placement, segment, layout, job.Lease, job.LengthBytes, frame, task);
            return;
        }

        Span<byte> slab = frame.Slab;
        if (layout.ZeroFrameBytes > 0)
        {
            slab[..layout.FrameBytes].CopyTo(slab[layout.FrameOffset..]);
            ZeroFrame.Write(slab, placement.ZeroBytes);
        }

        Lz4Frame.WritePadding(slab.Slice(layout.FrameOffset + layout.FrameBytes, layout.PaddingBytes));
        task.Add(new WriteStretch(frame.Address, layout.TotalBytes, placement.FrameWriteOffset));
    }

    /// <summary>
    /// Builds in the frame's slab what comes before and after the segment. The segment stays in its own lease.
    /// </summary>
    private static void LayOutStored(
        Placement placement,
        CompressedSegment segment,
        FrameLayout layout,
        Lease content,
        int contentBytes,
        Lease frame,
        WriteTask task)
    {
        Span<byte> slab = frame.Slab;
        if (layout.ZeroFrameBytes > 0)
            ZeroFrame.Write(slab, placement.ZeroBytes);
        Lz4Frame.WritePadding(slab.Slice(layout.ZeroFrameBytes, layout.FrontPaddingBytes));
        Lz4Frame.WriteStoredFront(slab[layout.FrameOffset..], contentBytes);

        int wholeBytes = (int)Alignment.Down(contentBytes);
        int restBytes = contentBytes - wholeBytes;
        int tailBytes = restBytes + FrameFormat.TrailerBytes + layout.PaddingBytes;
        Span<byte> tail = slab.Slice(layout.StoredOffset, tailBytes);
        content.Slab.Slice(wholeBytes, restBytes).CopyTo(tail);
        Lz4Frame.WriteTrailer(tail[restBytes..], segment.Checksum);
        Lz4Frame.WritePadding(tail[(restBytes + FrameFormat.TrailerBytes)..]);

        long start = placement.FrameWriteOffset;
        task.Add(new WriteStretch(frame.Address, layout.StoredOffset, start));
        task.Add(new WriteStretch(content.Address, wholeBytes, start + layout.StoredOffset));
        task.Add(new WriteStretch(
            frame.Address + layout.StoredOffset, tailBytes, start + layout.StoredOffset + wholeBytes));
    }
}
