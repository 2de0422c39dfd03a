namespace BundleCopier.Model;

/// <summary>
/// Divides every file into segments: segment n is the bytes from n MiB to n + 1 MiB. The size is part of the format,
/// because a file's checksum is built from one hash per segment; therefore no setting changes it.
/// </summary>
internal static class SegmentGrid
{
    /// <summary>
    /// 1 MiB. Measured with direct writes on virtio: 1 MiB with two writes in flight is as fast as 2 and 4 MiB,
    /// within noise. A smaller segment allows a smaller minimum budget and finer random access.
    /// </summary>
    public const int SegmentBytes = 1 << 20;

    /// <summary>
    /// The largest file that is copied. It is less than the kernel's limit of 2^63 - 1 bytes, so that no sum of an
    /// offset in a file and the length of a few segments can overflow.
    /// </summary>
    public const long MaxFileBytes = long.MaxValue - (16L * SegmentBytes);

    public const int BlocksPerSegment = SegmentBytes / Alignment.Bytes;

    public static long IndexOf(long offset) => offset / SegmentBytes;

    /// <summary>
    /// The number of segments that <paramref name="bytes"/> need, counted from the start of a segment.
    /// </summary>
    public static long CountOf(long bytes) => (bytes + SegmentBytes - 1) / SegmentBytes;

    /// <summary>The offset at which the segment that contains <paramref name="offset"/> starts.</summary>
    public static long StartOf(long offset) => offset & -SegmentBytes;

    /// <summary>Where a segment starts, in bytes from the start of its file.</summary>
    public static long StartOfSegment(long segment) => segment * SegmentBytes;

    /// <summary>
    /// The length of a segment of a file: less than <see cref="SegmentBytes"/> only for the last one.
    /// </summary>
    public static int LengthOf(long segment, long sizeBytes) =>
        (int)Math.Min(SegmentBytes, sizeBytes - StartOfSegment(segment));
}
