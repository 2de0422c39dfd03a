using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4;

namespace BundleCopier.Tests.Restore;

/// <summary>
/// A second, simple implementation of docs/format.md that shares no code with the engine. The engine must read its
/// output, too.
/// </summary>
internal static class ReferenceEncoder
{
    private const int Segment = 1 << 20;
    private const int Block = 4096;
    private const int MaxZeros = 4 << 20;

    /// <summary>Encodes a file.</summary>
    /// <param name="content">The content.</param>
    /// <param name="blockBytes">The bytes of content in a block.</param>
    /// <param name="stored">Store blocks as they are.</param>
    public static byte[] Encode(ReadOnlySpan<byte> content, int blockBytes = Segment, bool stored = false)
    {
        MemoryStream file = new();
        List<(uint Segment, uint Length, long Offset, ulong Hash)> entries = [];
        int done = 0;
        for (int start = 0; start < content.Length; start += Segment)
        {
            ReadOnlySpan<byte> segment = content[start..Math.Min(start + Segment, content.Length)];
            if (!segment.ContainsAnyExcept((byte)0))
                continue;
            AddZeros(file, start - done);
            Pad(file);
            byte[] frame = DataFrame(segment, blockBytes, stored);
            entries.Add(((uint)(start / Segment), (uint)frame.Length, file.Length, XxHash3.HashToUInt64(frame)));
            file.Write(frame);
            done = start + segment.Length;
        }

        AddZeros(file, content.Length - done);
        Pad(file);
        file.Write(SeekTable(entries, content.Length, file.Length));
        return file.ToArray();
    }

    public static byte[] DataFrame(ReadOnlySpan<byte> content, int blockBytes, bool stored)
    {
        MemoryStream frame = new();
        AddHeader(frame, 0x60, content.Length);
        for (int at = 0; at < content.Length; at += blockBytes)
            AddBlock(frame, content[at..Math.Min(at + blockBytes, content.Length)], stored);
        AddEnd(frame, content);
        return frame.ToArray();
    }

    /// <summary>The tail of a file, with a right or a false seek table.</summary>
    public static byte[] SeekTable(
        IReadOnlyList<(uint Segment, uint Length, long Offset, ulong Hash)> entries, long contentBytes, long offset)
    {
        byte[] table = new byte[8 + (24 * entries.Count) + 40];
        BinaryPrimitives.WriteUInt32LittleEndian(table, 0x184D2A5B);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), (uint)(table.Length - 8));
        int at = 8;
        foreach ((uint segment, uint length, long frameOffset, ulong hash) in entries)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(at), segment);
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(at + 4), length);
            BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(at + 8), frameOffset);
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(at + 16), hash);
            at += 24;
        }

        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(at), contentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(at + 8), entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(at + 16), offset);
        BinaryPrimitives.WriteUInt64LittleEndian(
            table.AsSpan(at + 24), XxHash3.HashToUInt64(table.AsSpan(8, at + 24 - 8)));
        "BCSEEK1\0"u8.CopyTo(table.AsSpan(at + 32));
        return table;
    }

    /// <summary>The checksum of docs/format.md, computed from the whole content at once.</summary>
    public static string Checksum(ReadOnlySpan<byte> content)
    {
        XxHash3 all = new();
        all.Append(SegmentEntries(content));
        all.Append(BitConverter.GetBytes((long)content.Length));
        return $"xxh3-segments:{all.GetCurrentHashAsUInt64():x16}";
    }

    /// <summary>The record of a raw file in the file <c>checksums</c>, with its padding.</summary>
    public static byte[] SegmentRecord(ReadOnlySpan<byte> content)
    {
        byte[] entries = SegmentEntries(content);
        byte[] record = [.. "BCSUMS1\0"u8, .. BitConverter.GetBytes(entries.Length / 16L), .. entries];
        Array.Resize(ref record, (record.Length + Block - 1) / Block * Block);
        return record;
    }

    private static byte[] SegmentEntries(ReadOnlySpan<byte> content)
    {
        byte[] padded = new byte[(content.Length + Block - 1) / Block * Block];
        content.CopyTo(padded);
        MemoryStream all = new();
        for (int start = 0; start < padded.Length; start += Segment)
        {
            XxHash3 hash = new();
            bool hasData = false;
            int end = Math.Min(start + Segment, padded.Length);
            for (int at = start; at < end;)
            {
                int stop = at;
                while (stop < end && padded.AsSpan(stop, Block).ContainsAnyExcept((byte)0))
                    stop += Block;
                if (stop > at)
                {
                    hasData = true;
                    hash.Append(padded.AsSpan(at, stop - at));
                    hash.Append(BitConverter.GetBytes((at - start) / Block));
                    hash.Append(BitConverter.GetBytes((stop - at) / Block));
                }

                at = stop + Block;
            }

            if (!hasData)
                continue;
            all.Write(BitConverter.GetBytes((long)(start / Segment)));
            all.Write(BitConverter.GetBytes(hash.GetCurrentHashAsUInt64()));
        }

        return all.ToArray();
    }

    private static void AddZeros(MemoryStream file, int count)
    {
        for (int left = count; left > 0; left -= MaxZeros)
        {
            byte[] zeros = new byte[Math.Min(left, MaxZeros)];
            AddHeader(file, 0x70, zeros.Length);
            AddBlock(file, zeros, stored: false);
            AddEnd(file, zeros);
        }
    }

    private static void AddHeader(MemoryStream file, byte blockDescriptor, int contentBytes)
    {
        byte[] header = new byte[15];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x184D2204);
        header[4] = 0x6C;
        header[5] = blockDescriptor;
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(6), contentBytes);
        header[14] = (byte)(XxHash32.HashToUInt32(header.AsSpan(4, 10)) >> 8);
        file.Write(header);
    }

    private static void AddBlock(MemoryStream file, ReadOnlySpan<byte> content, bool stored)
    {
        byte[] packed = new byte[LZ4Codec.MaximumOutputSize(content.Length)];
        int length = stored ? content.Length : LZ4Codec.Encode(content, packed);
        bool keeps = stored || length >= content.Length;
        ReadOnlySpan<byte> block = keeps ? content : packed.AsSpan(0, length);
        file.Write(BitConverter.GetBytes((uint)block.Length | (keeps ? 0x8000_0000 : 0)));
        file.Write(block);
    }

    private static void AddEnd(MemoryStream file, ReadOnlySpan<byte> content)
    {
        file.Write(new byte[4]);
        file.Write(BitConverter.GetBytes(XxHash32.HashToUInt32(content)));
    }

    private static void Pad(MemoryStream file)
    {
        int rest = (int)(file.Length % Block);
        if (rest == 0)
            return;
        int length = Block - rest;
        if (length < 8)
            length += Block;
        file.Write(BitConverter.GetBytes(0x184D2A50));
        file.Write(BitConverter.GetBytes(length - 8));
        file.Write(new byte[length - 8]);
    }
}
