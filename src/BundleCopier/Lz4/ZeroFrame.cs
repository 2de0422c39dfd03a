using System.Buffers.Binary;
using BundleCopier.Model;

namespace BundleCopier.Lz4;

/// <summary>
/// Writes frames and blocks of zeros without running LZ4. A block has one literal, one match that repeats it, and the
/// five literals that end every block. 255 zeros take one byte.
/// </summary>
internal static class ZeroFrame
{
    /// <summary>
    /// The length of the largest frame of zeros (<see cref="FrameFormat.MaxZerosBytes"/>), padded to a block boundary:
    /// 1/204 of its zeros.
    /// </summary>
    public static int PaddedMaxFrameBytes { get; } =
        (int)Alignment.Up(SizeOf(FrameFormat.MaxZerosBytes) + FrameFormat.SkippableHeaderBytes);

    // lz4_Block_format.md: the last match starts at least 12 bytes before the end of a block; the last 5 bytes are
    // literals.
    private const int MinMatchedBytes = 13;
    private const int EndLiterals = 5;
    private const int MinMatch = 4;

    private static readonly byte[] Zeros = new byte[Alignment.Bytes];
    private static readonly uint MaxFrameChecksum = Checksum(FrameFormat.MaxZerosBytes);

    /// <summary>The length of a frame with this many zeros.</summary>
    public static int SizeOf(int contentBytes) =>
        FrameFormat.HeaderBytes + FrameFormat.BlockHeaderBytes + BlockSizeOf(contentBytes) + FrameFormat.TrailerBytes;

    /// <summary>
    /// The most space that many zeros take. A smaller frame takes no larger part of its zeros than one of the maximum
    /// size.
    /// </summary>
    public static long SpaceOf(long zeroBytes) => zeroBytes / (FrameFormat.MaxZerosBytes / PaddedMaxFrameBytes);

    /// <summary>Writes a frame and returns its length.</summary>
    public static int Write(Span<byte> to, int contentBytes)
    {
        Lz4Frame.WriteHeader(to, FrameFormat.ZeroBlocks, contentBytes);
        int at = FrameFormat.HeaderBytes;
        at += WriteBlock(to[at..], contentBytes);
        Lz4Frame.WriteTrailer(to[at..], ChecksumOf(contentBytes));
        return at + FrameFormat.TrailerBytes;
    }

    /// <summary>The length of a block with this many zeros, without its header.</summary>
    public static int BlockSizeOf(int contentBytes)
    {
        if (contentBytes < MinMatchedBytes)
            return contentBytes;
        int extra = MatchField(contentBytes) - 15;
        return 1 + 1 + 2 + (extra >= 0 ? (extra / 255) + 1 : 0) + 1 + EndLiterals;
    }

    /// <summary>Writes a block of zeros and its header; returns the length of both.</summary>
    public static int WriteBlock(Span<byte> to, int contentBytes)
    {
        int size = BlockSizeOf(contentBytes);
        Span<byte> block = to.Slice(FrameFormat.BlockHeaderBytes, size);
        if (contentBytes < MinMatchedBytes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)size | FrameFormat.StoredBlock);
            block.Clear();
            return FrameFormat.BlockHeaderBytes + size;
        }

        BinaryPrimitives.WriteInt32LittleEndian(to, size);
        int field = MatchField(contentBytes);
        block[0] = (byte)(0x10 | Math.Min(field, 15)); // one literal
        block[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], 1); // the match's offset: one byte back
        int at = 4;
        for (int extra = field - 15; extra >= 0; extra -= 255)
            block[at++] = (byte)Math.Min(extra, 255);
        block[at++] = EndLiterals << 4;
        block[at..].Clear();
        return FrameFormat.BlockHeaderBytes + size;
    }

    /// <summary>The checksum of the content of a frame with this many zeros.</summary>
    public static uint ChecksumOf(int contentBytes) =>
        contentBytes == FrameFormat.MaxZerosBytes ? MaxFrameChecksum : Checksum(contentBytes);

    /// <summary>Adds zeros to a checksum.</summary>
    public static void Hash(ref ContentHash hash, int count)
    {
        for (int left = count; left > 0; left -= Zeros.Length)
            hash.Append(Zeros.AsSpan(0, Math.Min(left, Zeros.Length)));
    }

    private static int MatchField(int contentBytes) => contentBytes - 1 - EndLiterals - MinMatch;

    private static uint Checksum(int contentBytes)
    {
        ContentHash hash = new();
        Hash(ref hash, contentBytes);
        return hash.End();
    }
}
