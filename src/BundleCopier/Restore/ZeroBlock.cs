namespace BundleCopier.Restore;

/// <summary>
/// Checks that an LZ4 block decompresses to zeros, without decompressing it: all its literals are zeros, and matches
/// copy only earlier bytes. So checking 4 MiB of zeros does not need 4 MiB of memory.
/// </summary>
internal static class ZeroBlock
{
    // lz4_Block_format.md: the last five bytes of a block are literals; decoders demand it.
    private const int LastLiterals = 5;

    private const int MinMatchBytes = 4;
    private const int OffsetBytes = 2;

    /// <summary>True when the block decompresses to exactly <paramref name="contentBytes"/> zeros.</summary>
    public static bool Is(ReadOnlySpan<byte> block, int contentBytes)
    {
        long decodedBytes = 0;
        int at = 0;
        while (at < block.Length)
        {
            bool isFirst = at == 0;
            int token = block[at++];
            if (!ReadLength(block, ref at, token >> 4, out long literals) || literals > block.Length - at)
                return false;
            if (block.Slice(at, (int)literals).ContainsAnyExcept((byte)0))
                return false;
            at += (int)literals;
            decodedBytes += literals;
            if (at == block.Length)
                return decodedBytes == contentBytes && (token & 0xF) == 0 && (isFirst || literals >= LastLiterals);
            if (block.Length - at < OffsetBytes)
                return false;
            int offset = block[at] | (block[at + 1] << 8);
            at += OffsetBytes;
            if (offset == 0 || offset > decodedBytes || !ReadLength(block, ref at, token & 0xF, out long match))
                return false;
            decodedBytes += match + MinMatchBytes;
        }

        return false;
    }

    private static bool ReadLength(ReadOnlySpan<byte> block, ref int at, int nibble, out long length)
    {
        length = nibble;
        if (nibble < 0xF)
            return true;
        while (at < block.Length)
        {
            byte more = block[at++];
            length += more;
            if (more < byte.MaxValue)
                return true;
        }

        return false;
    }
}
