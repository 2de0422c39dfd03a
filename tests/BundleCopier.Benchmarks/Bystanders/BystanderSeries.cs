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

    public double MostDirtyMiB => Runs.Max(r => r.Memory.MostDirty) / MiB;

    public double LeastFreeMiB => Runs.Min(r => r.Memory.LeastFree) / MiB;

    /// <summary>What a neighbour felt in all rounds together.</summary>
    public Latencies All(NeighbourKind kind) => new(Runs.SelectMany(r => r.During(kind)));

    /// <summary>The p99 of each round: one bad round cannot hide among good ones, nor spoil them.</summary>
    public Summary P99Ms(NeighbourKind kind) => Summary.Of(Runs.Select(r => r.P99Ms(kind)));

    /// <summary>How many times the p99 of the same round of another way, which saw the machine in the same mood.</summary>
    public double P99Ratio(NeighbourKind kind, BystanderSeries other) =>
        Summary.Of(Runs.Zip(other.Runs, (mine, theirs) => mine.P99Ms(kind) / theirs.P99Ms(kind))).Median;

    /// <summary>Speed, to that of another way in the same round.</summary>
    public double SpeedRatio(BystanderSeries other) => Summary.Of(Runs.Zip(other.Runs, (mine, theirs) => theirs.Seconds / mine.Seconds)).Median;

    /// <summary>The round to show where only one can be shown: the one whose p99 is in the middle.</summary>
    public BystanderRun Typical(NeighbourKind kind) => Runs.OrderBy(r => r.P99Ms(kind)).ElementAt((Runs.Count - 1) / 2);
}
