using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BundleCopier.Lz4;

/// <summary>
/// XXH32 with seed 0, the checksum of an LZ4 frame's content, computed piece by piece. This is our own implementation:
/// that of System.IO.Hashing is slow when compiled ahead of time, and the profile that was tried did not help
/// (docs/decisions/0017-own-xxh32.md). This is a mutable struct: do not copy it.
/// </summary>
internal struct ContentHash
{
    private const uint Prime1 = 0x9E3779B1;
    private const uint Prime2 = 0x85EBCA77;
    private const uint Prime3 = 0xC2B2AE3D;
    private const uint Prime4 = 0x27D4EB2F;
    private const uint Prime5 = 0x165667B1;

    private const int StripeBytes = 16;
    private const int StripesAtOnce = 4;

    private uint lane1;
    private uint lane2;
    private uint lane3;
    private uint lane4;
    private uint length;
    private uint rest;
    private bool isEnded;

    public ContentHash() => Reset();

    public static uint Of(ReadOnlySpan<byte> content)
    {
        ContentHash hash = new();
        hash.Append(content);
        return hash.End();
    }

    public void Reset()
    {
        unchecked
        {
            (lane1, lane2, lane3, lane4) = (Prime1 + Prime2, Prime2, 0, 0 - Prime1);
        }

        (length, rest, isEnded) = (0, 0, false);
    }

    /// <summary>Adds a piece. The length of every piece except the last must be a multiple of 16 bytes.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
            return;
        if (isEnded)
            throw new InvalidOperationException("The length of an earlier piece was not a multiple of 16 bytes.");
        int whole = piece.Length & -StripeBytes;
        TakeStripes(MemoryMarshal.Cast<byte, uint>(piece[..whole]));
        length = unchecked(length + (uint)piece.Length);
        if (whole == piece.Length)
            return;
        isEnded = true;
        rest = TakeRest(Merge(), piece[whole..]);
    }

    public readonly uint End()
    {
        uint hash = isEnded ? rest : Merge();
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    // Each word is multiplied twice. The first product does not depend on earlier words, so it is computed with
    // vectors, four words at a time, for 16 words at once. The products pass through the stack, which is in the
    // cache.
    private void TakeStripes(ReadOnlySpan<uint> words)
    {
        (uint one, uint two, uint three, uint four) = (lane1, lane2, lane3, lane4);
        Vector128<uint> factor = Vector128.Create(Prime2);
        Span<uint> products = stackalloc uint[StripesAtOnce * 4];
        while (words.Length >= products.Length)
        {
            (Vector128.Create(words) * factor).CopyTo(products);
            (Vector128.Create(words[4..]) * factor).CopyTo(products[4..]);
            (Vector128.Create(words[8..]) * factor).CopyTo(products[8..]);
            (Vector128.Create(words[12..]) * factor).CopyTo(products[12..]);
            (one, two, three, four) = (
                Mix(one, products[0]), Mix(two, products[1]), Mix(three, products[2]), Mix(four, products[3]));
            (one, two, three, four) = (
                Mix(one, products[4]), Mix(two, products[5]), Mix(three, products[6]), Mix(four, products[7]));
            (one, two, three, four) = (
                Mix(one, products[8]), Mix(two, products[9]), Mix(three, products[10]), Mix(four, products[11]));
            (one, two, three, four) = (
                Mix(one, products[12]), Mix(two, products[13]), Mix(three, products[14]), Mix(four, products[15]));
            words = words[products.Length..];
        }

        for (; words.Length >= 4; words = words[4..])
        {
            one = Mix(one, words[0] * Prime2);
            two = Mix(two, words[1] * Prime2);
            three = Mix(three, words[2] * Prime2);
            four = Mix(four, words[3] * Prime2);
        }

        (lane1, lane2, lane3, lane4) = (one, two, three, four);
    }

    private static uint Mix(uint lane, uint product) => BitOperations.RotateLeft(lane + product, 13) * Prime1;

    private readonly uint Merge() => unchecked(length + (length < StripeBytes
        ? Prime5
        : BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7)
            + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18)));

    private static uint TakeRest(uint hash, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            hash = BitOperations.RotateLeft(hash + (word * Prime3), 17) * Prime4;
        }

        foreach (byte one in bytes)
            hash = BitOperations.RotateLeft(hash + (one * Prime5), 11) * Prime1;
        return hash;
    }
}
