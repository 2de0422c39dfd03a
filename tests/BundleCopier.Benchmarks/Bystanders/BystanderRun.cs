namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>One copy, and what others felt of it.</summary>
/// <param name="StartUs">When it began, on the neighbours' clock.</param>
/// <param name="EndUs">When it ended.</param>
/// <param name="Seconds">How long the program ran.</param>
/// <param name="Memory">What it did to the machine's memory.</param>
/// <param name="Moments">All that the neighbours did, also before and after it.</param>
public sealed record BystanderRun(
    long StartUs, long EndUs, double Seconds, MemoryUse Memory, IReadOnlyDictionary<NeighbourKind, Moment[]> Moments)
{
    /// <summary>What a neighbour did while the copy ran, even if it came out later.</summary>
    public IEnumerable<Moment> During(NeighbourKind kind) => Moments[kind].Where(m => m.AtUs >= StartUs && m.AtUs < EndUs);

    public double P99Ms(NeighbourKind kind) => new Latencies(During(kind)).PercentileMs(0.99);
}
