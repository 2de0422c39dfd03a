using System.Globalization;

namespace BundleCopier.Receipt;

/// <summary>The hash of one segment that is not all zeros.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Digest">Its XXH3 (docs/format.md).</param>
internal readonly record struct SegmentDigest(long Segment, ulong Digest);

/// <summary>
/// The checksum of a file: XXH3 over the hashes of its segments in order, and over its size (docs/format.md). Segments
/// can be added in any order. A segment that is all zeros is not added.
/// </summary>
internal sealed class FileChecksum
{
    private const string Algorithm = "xxh3-segments";

    private readonly List<SegmentDigest> segments = [];

    /// <summary>How many segments have been added.</summary>
    public int Count => segments.Count;

    /// <summary>Adds a segment's hash; each segment at most once.</summary>
    public void Add(long segment, ulong digest) => segments.Add(new SegmentDigest(segment, digest));

    /// <summary>Removes a segment and all later ones.</summary>
    public void CutAt(long segment) => segments.RemoveAll(s => s.Segment >= segment);

    /// <summary>Removes segments.</summary>
    public void Remove(IReadOnlySet<long> removed) => segments.RemoveAll(s => removed.Contains(s.Segment));

    /// <summary>A checksum in the form of the receipt.</summary>
    public static string Format(ulong checksum) =>
        $"{Algorithm}:{checksum.ToString("x16", CultureInfo.InvariantCulture)}";

    /// <summary>The segments in order. They are not copied: add no others while the list is in use.</summary>
    public IReadOnlyList<SegmentDigest> InOrder()
    {
        segments.Sort(static (a, b) => a.Segment.CompareTo(b.Segment));
        return segments;
    }

    /// <summary>The checksum of the segments that have been added.</summary>
    public ulong Complete(long sizeBytes)
    {
        SegmentHashes hashes = new();
        foreach (SegmentDigest segment in InOrder())
            hashes.Append(segment);
        return hashes.Complete(sizeBytes);
    }
}
