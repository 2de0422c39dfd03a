using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace BundleCopier.Receipt;

/// <summary>
/// The checksum of a file: XXH3 over the hashes of its segments in order, and over its size (docs/format.md). Segments
/// can be added in any order. A segment that is all zeros is not added.
/// </summary>
internal sealed class FileChecksum
{
    private const string Algorithm = "xxh3-segments";

    private readonly List<(long Segment, ulong Digest)> segments = [];

    /// <summary>Adds a segment's hash; each segment at most once.</summary>
    public void Add(long segment, ulong digest) => segments.Add((segment, digest));

    /// <summary>Removes a segment and all later ones.</summary>
    public void CutAt(long segment) => segments.RemoveAll(s => s.Segment >= segment);

    /// <summary>Removes segments.</summary>
    public void Remove(IReadOnlySet<long> removed) => segments.RemoveAll(s => removed.Contains(s.Segment));

    /// <summary>A checksum in the form of the receipt.</summary>
    public static string Format(ulong checksum) =>
        $"{Algorithm}:{checksum.ToString("x16", CultureInfo.InvariantCulture)}";

    /// <summary>The checksum of the segments that have been added.</summary>
    public ulong Complete(long sizeBytes)
    {
        segments.Sort(static (a, b) => a.Segment.CompareTo(b.Segment));
        XxHash3 hash = new();
        Span<byte> entry = stackalloc byte[sizeof(long) + sizeof(ulong)];
        foreach ((long segment, ulong digest) in segments)
        {
            BinaryPrimitives.WriteInt64LittleEndian(entry, segment);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[sizeof(long)..], digest);
            hash.Append(entry);
        }

        BinaryPrimitives.WriteInt64LittleEndian(entry, sizeBytes);
        hash.Append(entry[..sizeof(long)]);
        return hash.GetCurrentHashAsUInt64();
    }
}
