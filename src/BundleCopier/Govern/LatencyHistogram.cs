using System.Numerics;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>
/// How long things took, in a fixed 5 KiB: each power of two of microseconds is cut into 32 parts, so a quantile is
/// at most 3 % above the truth, and never above the longest.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PartBits = 5;
    private const int Parts = 1 << PartBits;
    private const int Powers = 40 - PartBits; // up to 12 days

    private readonly int[] counts = new int[Powers * Parts];
    private long maxUs;

    public int Count { get; private set; }

    public void Add(long elapsedUs)
    {
        elapsedUs = Math.Max(elapsedUs, 0);
        counts[Math.Min(PlaceOf(elapsedUs), counts.Length - 1)]++;
        maxUs = Math.Max(maxUs, elapsedUs);
        Count++;
    }

    /// <summary>The figures for a receipt; null when there was nothing.</summary>
    public ReceiptLatencies? Report() =>
        Count == 0 ? null
            : new ReceiptLatencies(Count, QuantileUs(0.5) / 1000.0, QuantileUs(0.99) / 1000.0, maxUs / 1000.0);

    /// <summary>The time that at least this share of them did not exceed.</summary>
    private long QuantileUs(double share)
    {
        long rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (int place = 0; place < counts.Length; place++)
        {
            seen += counts[place];
            // The last bucket also has all longer latencies; its upper end is the longest latency seen.
            if (seen >= rank)
                return place == counts.Length - 1 ? maxUs : Math.Min(LastUsOf(place), maxUs);
        }

        return maxUs;
    }

    // Below 32 µs each has its own place. Above, the first 5 bits behind the leading one choose the part.
    private static int PlaceOf(long elapsedUs)
    {
        int shift = Math.Max(BitOperations.Log2((ulong)elapsedUs) - PartBits, 0);
        return (shift * Parts) + (int)(elapsedUs >> shift);
    }

    private static long LastUsOf(int place)
    {
        int shift = Math.Max((place / Parts) - 1, 0);
        long first = (long)(place - (shift * Parts)) << shift;
        return first + (1L << shift) - 1;
    }
}
