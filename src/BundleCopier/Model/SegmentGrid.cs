namespace BundleCopier.Model;

/// <summary>
/// The grid that every file is cut by: segment number n is the bytes from n MiB to n + 1 MiB. It is part of the format,
/// because checksums are made of one hash a segment, so it does not depend on any setting.
/// </summary>
internal static class SegmentGrid
{
    /// <summary>
    /// 1 MiB. Measured with direct writes on virtio: 1 MiB with two in flight is within noise of 2 and 4 MiB; smaller
    /// segments make a smaller smallest budget and a finer random access.
    /// </summary>
    public const int SegmentBytes = 1 << 20;

    public const int BlocksPerSegment = SegmentBytes / Alignment.Bytes;

    public static long IndexOf(long offset) => offset / SegmentBytes;

    /// <summary>How many segments so many bytes from the start of one take.</summary>
    public static long CountOf(long bytes) => (bytes + SegmentBytes - 1) / SegmentBytes;

    /// <summary>Where the segment that holds an offset starts.</summary>
    public static long StartOf(long offset) => offset & -SegmentBytes;

    /// <summary>Where a segment starts, in bytes from the start of its file.</summary>
    public static long StartOfSegment(long segment) => segment * SegmentBytes;

    /// <summary>How many bytes a segment has; the last one of a file may be short.</summary>
    public static int LengthOf(long segment, long fileBytes) => (int)Math.Min(SegmentBytes, fileBytes - StartOfSegment(segment));
}
