using BundleCopier.Lz4;
using BundleCopier.Model;

namespace BundleCopier.Plan;

/// <summary>
/// The most space that a compressed file can take. It is computed from the extents alone, because planning reads no
/// data. Add the extents in their order.
/// </summary>
internal sealed class CompressedSize
{
    // Padding before and after the segment (a block and a header each), headers of up to 128 blocks of data with as
    // many blocks of zeros between them, and the bytes that LZ4 adds when it cannot shrink the data
    // (lz4_Block_format.md: 1 in 255).
    private const int MaxAroundSegmentBytes = 16 * 1024;

    // A segment with fewer zeros than this that does not shrink is stored whole, with its zeros (SegmentCompressor).
    private const int MaxSpareBytes = 64 * 1024;

    private long dataBytes;
    private long compressedBytes;
    private long segment = -1;
    private long segmentDataBytes;

    /// <summary>Adds data that lies after all data added before.</summary>
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

            // Whole blocks are read and compressed.
            segmentDataBytes += Alignment.Up(end) - Alignment.Down(at);
            at = end;
        }
    }

    /// <summary>The most space that the file can take.</summary>
    /// <param name="sizeBytes">The size of its source.</param>
    public long MaxBytes(long sizeBytes)
    {
        EndSegment();
        long holesBytes = ZeroFrame.SpaceOf(sizeBytes - dataBytes);
        return Alignment.Up(compressedBytes + holesBytes + MaxAroundSegmentBytes + FrameFormat.FooterBytes);
    }

    private void EndSegment()
    {
        if (segmentDataBytes == 0)
            return;
        bool mayBeWhole = segmentDataBytes > SegmentGrid.SegmentBytes - MaxSpareBytes;
        compressedBytes += (mayBeWhole ? SegmentGrid.SegmentBytes : segmentDataBytes) + MaxAroundSegmentBytes
            + FrameFormat.EntryBytes;
        segmentDataBytes = 0;
    }
}
