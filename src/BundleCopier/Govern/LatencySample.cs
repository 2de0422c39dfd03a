namespace BundleCopier.Govern;

/// <summary>
/// The latencies of the writes since the last look. Takes no memory but its own, however many there are.
/// </summary>
internal sealed class LatencySample
{
    private const int MaxKept = 64;

    private readonly long[] latenciesUs = new long[MaxKept];

    /// <summary>Writes since the last look.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one write. Of very many the last ones are kept.</summary>
    public void Add(long latencyUs) => latenciesUs[Count++ % MaxKept] = latencyUs;

    /// <summary>The median since the last look, which this is; 0 where there was no write.</summary>
    public long TakeMedianUs()
    {
        Span<long> kept = latenciesUs.AsSpan(0, Math.Min(Count, MaxKept));
        Count = 0;
        if (kept.IsEmpty)
            return 0;
        kept.Sort();
        return kept[kept.Length / 2];
    }
}
