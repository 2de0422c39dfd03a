namespace BundleCopier.Restore;

/// <summary>
/// Checks that an LZ4 block decompresses to zeros without decompressing it: literals that are zero, copied from before,
/// stay zero. So 4 MiB of zeros need no 4 MiB of memory.
/// </summary>
internal static class ZeroBlock
{
    // lz4_Block_format.md: the last five bytes are literals, which decoders rely on for speed and so insist on.
    private const int LastLiterals = 5;

    private const int ShortestMatch = 4;
    private const int OffsetBytes = 2;

    /// <summary>True when the block is exactly that many zeros.</summary>
    public static bool Is(ReadOnlySpan<byte> block, int contentBytes)
    {
        long made = 0;
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
            made += literals;
            if (at == block.Length)
                return made == contentBytes && (token & 0xF) == 0 && (isFirst || literals >= LastLiterals);
            if (block.Length - at < OffsetBytes)
                return false;
            int offset = block[at] | (block[at + 1] << 8);
            at += OffsetBytes;
            if (offset == 0 || offset > made || !ReadLength(block, ref at, token & 0xF, out long match))
                return false;
            made += match + ShortestMatch;
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
