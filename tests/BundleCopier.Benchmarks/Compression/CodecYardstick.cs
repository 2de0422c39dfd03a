using System.Diagnostics;
using System.Globalization;
using K4os.Compression.LZ4;

namespace BundleCopier.Benchmarks.Compression;

/// <summary>
/// The speed of the block codec alone, on one thread, in memory.
/// </summary>
public static class CodecYardstick
{
    private const int BlockBytes = 1 << 20;
    private const int Rounds = 5;

    /// <summary>Prints MiB/s, the median of the rounds over a whole file in blocks of 1 MiB.</summary>
    public static void Print(string file)
    {
        byte[] content = File.ReadAllBytes(file);
        byte[] target = new byte[LZ4Codec.MaximumOutputSize(BlockBytes)];
        List<double> rates = [];
        for (int round = 0; round <= Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int at = 0; at < content.Length; at += BlockBytes)
                LZ4Codec.Encode(
                    content.AsSpan(at, Math.Min(BlockBytes, content.Length - at)), target, LZ4Level.L00_FAST);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            // The first round includes the JIT's work.
            if (round > 0)
                rates.Add(content.Length / seconds / BlockBytes);
        }

        rates.Sort();
        Console.WriteLine(rates[Rounds / 2].ToString("0", CultureInfo.InvariantCulture));
    }
}
