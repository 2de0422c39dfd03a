using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Puts a placed segment on disk: the zeros before it, its frame, its padding. Synchronous and without actors.
/// </summary>
internal static class FrameWriter
{
    /// <summary>The most stretches of memory that a frame is in.</summary>
    public const int MaxStretches = 3;

    /// <summary>Writes the long runs of zeros in front of a segment.</summary>
    public static Errno WriteZeros(IOutputFile output, ZeroFrames zeros, Placement placement) =>
        placement.ZeroGroups > 0 ? zeros.Write(output, placement.Offset, placement.ZeroGroups) : Errno.None;

    /// <summary>Writes a frame that was laid out, one stretch after the other.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="stretches">What <see cref="LayOut"/> has found.</param>
    /// <param name="pieceBytes">The most that one write hands to the disk.</param>
    public static Errno Write(IOutputFile output, ReadOnlySpan<WriteStretch> stretches, int pieceBytes)
    {
        Errno error = Errno.None;
        for (int i = 0; i < stretches.Length && !error.IsError; i++)
            Transfer.Write(output, stretches[i].Address, stretches[i].Length, stretches[i].Offset, pieceBytes, out error);
        return error;
    }

    /// <summary>
    /// Completes a frame with what belongs around it, and says where it is in memory. Once for each frame: it moves what is there.
    /// </summary>
    /// <param name="placement">Where in the file.</param>
    /// <param name="packed">What the segment became.</param>
    /// <param name="content">The segment as it was read; written from here when it is stored.</param>
    /// <param name="contentBytes">Its length.</param>
    /// <param name="frame">Its frame, or room for what goes around it.</param>
    /// <param name="stretches">Gets them; room for <see cref="MaxStretches"/>.</param>
    /// <returns>How many stretches there are, one behind the other in the file.</returns>
    public static int LayOut(Placement placement, CompressedSegment packed, Lease content, int contentBytes, Lease frame, Span<WriteStretch> stretches)
    {
        FrameLayout layout = FrameLayout.Of(placement.ZeroBytes, packed);
        if (packed.IsStored)
            return LayOutStored(placement, packed, layout, content, contentBytes, frame, stretches);
        Span<byte> slab = frame.Slab;
        if (layout.ZeroFrameBytes > 0)
        {
            slab[..layout.FrameBytes].CopyTo(slab[layout.FrameOffset..]);
            ZeroFrame.Write(slab, placement.ZeroBytes);
        }

        Lz4Frame.WritePadding(slab.Slice(layout.FrameOffset + layout.FrameBytes, layout.PaddingBytes));
        stretches[0] = new WriteStretch(frame.Address, layout.TotalBytes, placement.FrameWriteOffset);
        return 1;
    }

    /// <summary>What goes in front and behind is put together in the frame's slab; the segment itself is not copied.</summary>
    private static int LayOutStored(
        Placement placement, CompressedSegment packed, FrameLayout layout, Lease content, int contentBytes, Lease frame, Span<WriteStretch> stretches)
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
        stretches[0] = new WriteStretch(frame.Address, layout.StoredOffset, start);
        stretches[1] = new WriteStretch(content.Address, wholeBytes, start + layout.StoredOffset);
        stretches[2] = new WriteStretch(frame.Address + layout.StoredOffset, tailBytes, start + layout.StoredOffset + wholeBytes);
        return MaxStretches;
    }
}
