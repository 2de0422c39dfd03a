namespace BundleCopier.Tests.Restore;

/// <summary>Contents of files, different in the properties that matter to the format.</summary>
internal static class Contents
{
    private const int Segment = 1 << 20;

    public static byte[] Random(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Text of a few words. It compresses well and has no zero byte.</summary>
    public static byte[] Text(int length, int seed)
    {
        Random random = new(seed);
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; at++)
            bytes[at] = at >= 64 && random.Next(8) > 0 ? bytes[at - 64] : (byte)random.Next('a', 'z');
        return bytes;
    }

    /// <summary>Data at the start of some segments, nothing in the others.</summary>
    public static byte[] Sparse(int length, int seed, params int[] segments)
    {
        byte[] bytes = new byte[length];
        foreach (int segment in segments)
            Text(Math.Min(9000, length - (segment * Segment)), seed + segment).CopyTo(bytes, segment * Segment);
        return bytes;
    }

    public static IReadOnlyList<(string What, byte[] Content, byte[] File)> All { get; } =
    [
        Make("empty", []),
        Make("one byte", [1]),
        Make("zeros only", new byte[5000]),
        Make("small text", Text(10_000, 1)),
        Make("small text in small blocks", Text(10_000, 2), 1000),
        Make("small and stored", Random(10_000, 3), 4096, stored: true),
        Make("a segment and a bit", Text(Segment + 17, 4)),
        Make("sparse", Sparse((11 * Segment) + 5, 5, 1, 2, 9)),
        Make("sparse at both ends", Sparse(3 * Segment, 6, 0, 2), 65536),
        Make("mixed", [.. Text(40_000, 7), .. new byte[100_000], .. Random(40_000, 8)], 65536),
    ];

    private static (string What, byte[] Content, byte[] File) Make(
        string what, byte[] content, int blockBytes = Segment, bool stored = false) =>
        (what, content, ReferenceEncoder.Encode(content, blockBytes, stored));
}
