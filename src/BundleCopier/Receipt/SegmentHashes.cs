using System.Buffers.Binary;
using System.IO.Hashing;

namespace BundleCopier.Receipt;

/// <summary>
/// Computes the checksum of a file from the hashes of its segments in order, and holds none of them (docs/format.md).
/// </summary>
internal sealed class SegmentHashes
{
    private readonly XxHash3 hash = new();

    /// <summary>Adds the next segment that is not all zeros.</summary>
    public void Append(SegmentDigest segment)
    {
        Span<byte> entry = stackalloc byte[SegmentRecord.EntryBytes];
        SegmentRecord.WriteEntry(entry, segment);
        hash.Append(entry);
    }

    /// <summary>The checksum of the segments that have been added. Called once.</summary>
    public ulong Complete(long sizeBytes)
    {
        Span<byte> size = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(size, sizeBytes);
        hash.Append(size);
        return hash.GetCurrentHashAsUInt64();
    }
}
