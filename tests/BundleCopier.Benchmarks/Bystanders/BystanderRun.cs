namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>One copy, and what neighbours felt of it.</summary>
/// <param name="StartUs">The start of the copy, on the neighbours' clock.</param>
/// <param name="EndUs">When it ended.</param>
/// <param name="Seconds">How long the program ran.</param>
/// <param name="Memory">The copy's effect on the machine's memory.</param>
/// <param name="Moments">All operations of the neighbours, also before and after the copy.</param>
public sealed record BystanderRun(
    long StartUs, long EndUs, double Seconds, MemoryUse Memory, IReadOnlyDictionary<NeighbourKind, Moment[]> Moments)
{
    /// <summary>A neighbour's operations that began during the copy, even if they ended later.</summary>
    public IEnumerable<Moment> During(NeighbourKind kind) =>
        Moments[kind].Where(m => m.AtUs >= StartUs && m.AtUs < EndUs);

    public double P99Ms(NeighbourKind kind) => new Latencies(During(kind)).PercentileMs(0.99);
}
