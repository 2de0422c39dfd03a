using System.Text;

namespace BundleCopier.Tests.Fuzzing;

/// <summary>Makes inputs for parsers: a valid one with a few random edits.</summary>
internal static class Mutation
{
    private const int MaxBytes = 64 * 1024;

    // Values at which numbers change their size or their sign, and texts that JSON and HOCON treat in their own way.
    private static readonly byte[][] Words =
    [
        .. ((string[])
        [
            "-1", "0", "9223372036854775807", "18446744073709551616", "1e400", "-0.0", "null", "true", "{", "}", "[",
            "]", ":", ",", "=", "+=", "\"", "\"\"", "\\u0000", "\\ud800", "\\", "..", "/", "*", "\n", "#", "//", "${x}",
            "$", "include ", "\"\"\"", "{\"a\":[", "\u202e", "\ufeff", ".lz4", "files", "ranges", "%", "ms", "GiB",
        ]).Select(Encoding.UTF8.GetBytes),
        [0], [0xFF], [0xC0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80], new byte[32],
    ];

    /// <summary>Changes one of the inputs.</summary>
    public static byte[] Of(IReadOnlyList<byte[]> inputs, Random random)
    {
        List<byte> text = [.. inputs[random.Next(inputs.Count)]];
        for (int edits = random.Next(1, 7); edits > 0; edits--)
            Edit(text, inputs, random);
        return [.. text.Take(MaxBytes)];
    }

    private static void Edit(List<byte> text, IReadOnlyList<byte[]> inputs, Random random)
    {
        int at = random.Next(text.Count + 1);
        int length = Math.Min(text.Count - at, 1 << random.Next(8));
        switch (random.Next(9))
        {
            case 0 when at < text.Count:
                text[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < text.Count:
                text[at] = (byte)random.Next(256);
                break;
            case 2:
                text.RemoveRange(at, length);
                break;
            case 3:
                text.InsertRange(at, text.GetRange(at, length));
                break;
            case 4:
                byte[] other = inputs[random.Next(inputs.Count)];
                int from = random.Next(other.Length + 1);
                text.InsertRange(at, other.AsSpan(from, Math.Min(length, other.Length - from)).ToArray());
                break;
            case 5:
                text.RemoveRange(at, text.Count - at);
                break;
            case 6 when random.Next(20) == 0:
                List<byte> piece = text.GetRange(at, length);
                for (int times = random.Next(1000); times > 0 && text.Count < MaxBytes; times--)
                    text.InsertRange(at, piece);
                break;
            default:
                text.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
        }
    }
}
