using System.Buffers.Binary;
using K4os.Compression.LZ4;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// The content of a compressed file, read from its frames from the start like any LZ4 program: without the seek table
/// and without the engine's decoder.
/// </summary>
internal static class SimStream
{
    private const uint DataMagic = 0x184D2204;

    public static SimPages Content(SimPages file)
    {
        SimPages content = new();
        long filled = 0;
        for (long at = 0; at < file.Length;)
        {
            byte[] head = Bytes(file, at, 15);
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(head);
            uint second = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
            if ((magic & 0xFFFF_FFF0) == 0x184D_2A50)
            {
                at += 8 + second;
                continue;
            }

            Assert.Equal(DataMagic, magic);
            long contentBytes = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(6));
            bool isZeros = head[5] == 0x70;
            content.SetLength(filled + contentBytes);
            at = Decode(file, at + 15, (int)contentBytes, isZeros ? null : (content, filled));
            filled += contentBytes;
        }

        return content;
    }

    /// <summary>
    /// Decodes the blocks of a frame. For a frame of zeros it only checks their lengths, because a large hole would
    /// take too long.
    /// </summary>
    private static long Decode(SimPages file, long at, int contentBytes, (SimPages Pages, long Offset)? to)
    {
        byte[] content = new byte[to is null ? 0 : contentBytes];
        int filled = 0;
        while (true)
        {
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(Bytes(file, at, 4));
            at += 4;
            if (header == 0)
                break;
            int length = (int)(header & 0x7FFF_FFFF);
            byte[] block = Bytes(file, at, length);
            at += length;
            if (to is null)
                continue;
            if ((header & 0x8000_0000) != 0)
                block.CopyTo(content, filled);
            int made = (header & 0x8000_0000) != 0 ? length : LZ4Codec.Decode(block, content.AsSpan(filled));
            Assert.True(made > 0, "a block cannot be decoded");
            filled += made;
        }

        if (to is { } target)
        {
            (SimPages pages, long offset) = target;
            Assert.Equal(contentBytes, filled);
            for (int start = 0; start < content.Length; start += SimPages.PageBytes)
            {
                Span<byte> page = content.AsSpan(start, Math.Min(SimPages.PageBytes, content.Length - start));
                if (page.ContainsAnyExcept((byte)0))
                    pages.Write(offset + start, page);
            }
        }

        return at + 4;
    }

    private static byte[] Bytes(SimPages file, long offset, int length)
    {
        byte[] bytes = new byte[length];
        file.Read(offset, bytes);
        return bytes;
    }
}
