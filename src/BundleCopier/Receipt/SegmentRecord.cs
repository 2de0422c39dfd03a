using System.Buffers.Binary;

namespace BundleCopier.Receipt;

/// <summary>
/// The record of one raw file in a bundle's file <c>checksums</c>: the hashes of its segments (docs/format.md). The
/// file's checksum in the receipt is a hash of the same entries, so a record needs no checksum of its own.
/// </summary>
internal static class SegmentRecord
{
    /// <summary>The mark and the number of entries.</summary>
    public const int HeaderBytes = 16;

    /// <summary>The segment's number and its hash.</summary>
    public const int EntryBytes = 16;

    /// <summary>The first bytes of a record.</summary>
    public static ReadOnlySpan<byte> Mark => "BCSUMS1\0"u8;

    /// <summary>Writes the record of a file.</summary>
    public static void Write(Stream to, IReadOnlyList<SegmentDigest> segments)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Mark.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[Mark.Length..], segments.Count);
        to.Write(header);
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (int i = 0; i < segments.Count; i++)
        {
            WriteEntry(entry, segments[i]);
            to.Write(entry);
        }
    }

    /// <summary>Writes one entry.</summary>
    public static void WriteEntry(Span<byte> to, SegmentDigest segment)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, segment.Segment);
        BinaryPrimitives.WriteUInt64LittleEndian(to[sizeof(long)..], segment.Digest);
    }

    /// <summary>The number of entries in a record's header; null where it is not the header of a record.</summary>
    public static long? ReadCount(ReadOnlySpan<byte> header) =>
        header.StartsWith(Mark) ? BinaryPrimitives.ReadInt64LittleEndian(header[Mark.Length..]) : null;

    /// <summary>Reads one entry.</summary>
    public static SegmentDigest ReadEntry(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[sizeof(long)..]));
}
