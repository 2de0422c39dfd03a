using BundleCopier.Lz4;
using BundleCopier.Model;

namespace BundleCopier.Plan;

/// <summary>
/// The most room that a compressed file can take, from where its data is and not from the data: who plans reads none.
/// Pure; told the file's extents in their order.
/// </summary>
internal sealed class CompressedSize
{
    // Around each segment: padding in front and behind (a block and a header each), up to 128 blocks of data with as
    // many of zeros between them, and what LZ4 adds to what does not shrink (lz4_Block_format.md: 1 in 255).
    private const int MaxAroundSegmentBytes = 16 * 1024;

    // With more data than this a segment that does not shrink is written as it is, zeros and all (SegmentCompressor).
    private const int MaxSpareBytes = 64 * 1024;

    private long dataBytes;
    private long packedBytes;
    private long segment = -1;
    private long segmentDataBytes;

    /// <summary>Data, behind all that was added before.</summary>
    public void Add(Extent extent)
    {
        dataBytes += extent.Length;
        for (long at = extent.Offset; at < extent.End;)
        {
            long end = Math.Min(extent.End, SegmentGrid.StartOf(at) + SegmentGrid.SegmentBytes);
            if (SegmentGrid.IndexOf(at) != segment)
            {
                EndSegment();
                segment = SegmentGrid.IndexOf(at);
            }

            // Whole blocks are read, and packed.
            segmentDataBytes += Alignment.Up(end) - Alignment.Down(at);
            at = end;
        }
    }

    /// <summary>The most that the file can take.</summary>
    /// <param name="sizeBytes">The size of its source.</param>
    public long MaxBytes(long sizeBytes)
    {
        EndSegment();
        // Zeros that are too few for a group have a frame of their own, which takes no greater part of them.
        long holesBytes = (sizeBytes - dataBytes) / (FrameFormat.MaxZerosBytes / ZeroFrame.PaddedMaxFrameBytes);
        return Alignment.Up(packedBytes + holesBytes + MaxAroundSegmentBytes + FrameFormat.FooterBytes);
    }

    private void EndSegment()
    {
        if (segmentDataBytes == 0)
            return;
        bool mayBeWhole = segmentDataBytes > SegmentGrid.SegmentBytes - MaxSpareBytes;
        packedBytes += (mayBeWhole ? SegmentGrid.SegmentBytes : segmentDataBytes) + MaxAroundSegmentBytes
            + FrameFormat.EntryBytes;
        segmentDataBytes = 0;
    }
}
