using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Model;

namespace BundleCopier.Tests.Simulation;

/// <summary>The checksum of a file, computed directly from the definition of the format.</summary>
internal static class ExpectedChecksum
{
    private const int Page = SimPages.PageBytes;

    /// <param name="blocks">All blocks that may have bytes other than zero, in order.</param>
    /// <param name="sizeBytes">The file's size.</param>
    public static string Of(IEnumerable<(long Index, byte[] Bytes)> blocks, long sizeBytes)
    {
        using MemoryStream file = new();
        foreach (var segment in blocks
            .Where(b => b.Bytes.AsSpan().ContainsAnyExcept((byte)0))
            .GroupBy(b => b.Index / SegmentGrid.BlocksPerSegment))
        {
            using MemoryStream content = new();
            (long Index, byte[] Bytes)[] found = [.. segment];
            for (int i = 0; i < found.Length;)
            {
                int count = 1;
                while (i + count < found.Length && found[i + count].Index == found[i].Index + count)
                    count++;
                foreach ((_, byte[] bytes) in found[i..(i + count)])
                    content.Write(bytes);
                content.Write(Int32((int)(found[i].Index % SegmentGrid.BlocksPerSegment)));
                content.Write(Int32(count));
                i += count;
            }

            file.Write(Int64(segment.Key));
            file.Write(Int64((long)XxHash3.HashToUInt64(content.ToArray())));
        }

        file.Write(Int64(sizeBytes));
        return $"xxh3-segments:{XxHash3.HashToUInt64(file.ToArray()):x16}";
    }

    private static byte[] Int32(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Int64(long value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
