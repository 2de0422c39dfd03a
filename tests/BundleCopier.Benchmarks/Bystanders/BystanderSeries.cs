using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>All rounds of one way of copying.</summary>
public sealed record BystanderSeries(Way Way, long Bytes, IReadOnlyList<BystanderRun> Runs)
{
    private const double MiB = 1 << 20;

    public Summary Seconds => Summary.Of(Runs.Select(r => r.Seconds));

    public double MiBPerSecond => Bytes / MiB / Seconds.Median;

    // The worst of all rounds.
    public double PageCacheGrowthMiB => Runs.Max(r => r.Memory.PageCacheGrowth) / MiB;

    public double MaxDirtyMiB => Runs.Max(r => r.Memory.MaxDirty) / MiB;

    public double MinFreeMiB => Runs.Min(r => r.Memory.MinFree) / MiB;

    /// <summary>A neighbour's latencies in all rounds together.</summary>
    public Latencies All(NeighbourKind kind) => new(Runs.SelectMany(r => r.During(kind)));

    /// <summary>The p99 of each round. So one bad round neither disappears nor spoils the others.</summary>
    public Summary P99Ms(NeighbourKind kind) => Summary.Of(Runs.Select(r => r.P99Ms(kind)));

    /// <summary>
    /// The ratio to the p99 of another way in the same round, when the machine was in the same state.
    /// </summary>
    public double P99Ratio(NeighbourKind kind, BystanderSeries other) =>
        Summary.Of(Runs.Zip(other.Runs, (mine, theirs) => mine.P99Ms(kind) / theirs.P99Ms(kind))).Median;

    /// <summary>The speed relative to another way in the same round.</summary>
    public double SpeedRatio(BystanderSeries other) =>
        Summary.Of(Runs.Zip(other.Runs, (mine, theirs) => theirs.Seconds / mine.Seconds)).Median;

    /// <summary>The round with the median p99, for a plot that can show only one round.</summary>
    public BystanderRun Typical(NeighbourKind kind) =>
        Runs.OrderBy(r => r.P99Ms(kind)).ElementAt((Runs.Count - 1) / 2);
}
