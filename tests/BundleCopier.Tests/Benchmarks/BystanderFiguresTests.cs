using BundleCopier.Benchmarks.Bystanders;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class BystanderFiguresTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0.999, 100)]
    [InlineData(1, 100)]
    public void A_percentile_is_the_smallest_value_that_this_share_did_not_exceed(double share, double ms)
    {
        Latencies latencies = new(Enumerable.Range(1, 100).Reverse().Select(i => new Moment(i, i * 1000)));

        Assert.Equal(ms, latencies.PercentileMs(share));
        Assert.Equal(100, latencies.MaxMs);
    }

    [Fact]
    public void All_percentiles_of_one_value_are_equal() =>
        Assert.Equal(7, new Latencies([new Moment(1, 7000)]).PercentileMs(0.001));

    [Fact]
    public void Percentiles_of_no_values_throw() => Assert.Throws<ArgumentException>(() => new Latencies([]));

    [Fact]
    public void Thinning_keeps_the_highest_value_of_each_stretch_in_its_place()
    {
        Moment[] moments = [new(1, 5), new(9, 7), new(10, 1), new(35, 2), new(36, 90), new(39, 3)];

        Assert.Equal([new Moment(9, 7), new Moment(10, 1), new Moment(36, 90)], Moment.HighestPer(10, moments));
    }

    [Fact]
    public void Only_operations_that_began_during_the_copy_count()
    {
        BystanderRun run = Run(seconds: 1, [new(999, 1), new(1000, 2), new(1999, 5000), new(2000, 4)]);

        Assert.Equal([new Moment(1000, 2), new Moment(1999, 5000)], run.During(NeighbourKind.Write));
    }

    [Fact]
    public void Ratios_are_taken_within_a_round_and_their_median_counts()
    {
        BystanderSeries idle = Series([RunWithLatency(1, 1), RunWithLatency(1, 2), RunWithLatency(1, 10)]);
        BystanderSeries busy = Series([RunWithLatency(2, 2), RunWithLatency(4, 6), RunWithLatency(8, 10)]);

        Assert.Equal(2, busy.P99Ratio(NeighbourKind.Write, idle));
        Assert.Equal(0.25, busy.SpeedRatio(idle));
        Assert.Equal(new Summary(6, 2, 10), busy.P99Ms(NeighbourKind.Write));
        Assert.Same(busy.Runs[1], busy.Typical(NeighbourKind.Write));
        Assert.Equal(3, busy.All(NeighbourKind.Write).Count);
    }

    [Fact]
    public void Tmpfs_does_not_count_as_page_cache_and_pages_under_writeback_count_as_dirty()
    {
        const string Text = """
            MemTotal:       24683520 kB
            MemFree:            1000 kB
            MemAvailable:       2000 kB
            Cached:             9000 kB
            Dirty:                30 kB
            Writeback:             4 kB
            Shmem:              8500 kB
            HugePages_Total:       0
            """;

        Assert.Equal(new MemoryState(2000 << 10, 1000 << 10, 500 << 10, 34 << 10), MemoryState.Parse(Text));
    }

    [Fact]
    public void Growth_counts_from_before_the_copy_and_the_other_figures_are_extremes()
    {
        MemoryUse use = MemoryUse.Of([new(0, 900, 100, 5), new(0, 200, 700, 80), new(0, 300, 50, 0)]);

        Assert.Equal(new MemoryUse(PageCacheGrowth: 600, MaxDirty: 80, MinFree: 200), use);
    }

    [Fact]
    public void Ways_take_turns_and_each_round_begins_with_another_one()
    {
        Way[] ways = [.. "abc".Select(id => new Way($"{id}", $"{id}", _ => new Command("true")))];
        List<string> order = [];
        IReadOnlyList<IReadOnlyList<int>> runs = Rounds.Interleave(ways, 2, way =>
        {
            order.Add(way.Id);
            return order.Count;
        });

        Assert.Equal("abcbca", string.Concat(order));
        Assert.Equal([[1, 6], [2, 4], [3, 5]], runs);
    }

    private static BystanderRun RunWithLatency(double seconds, long ms) => Run(seconds, [new(1500, ms * 1000)]);

    private static BystanderRun Run(double seconds, Moment[] writes) =>
        new(1000, 2000, seconds, new MemoryUse(0, 0, 0), Only(writes));

    private static Dictionary<NeighbourKind, Moment[]> Only(Moment[] writes) =>
        new() { [NeighbourKind.Write] = writes };

    private static BystanderSeries Series(BystanderRun[] runs) =>
        new(new Way("id", "title", _ => new Command("true")), 4 * MiB, runs);
}
