using BundleCopier.Govern;
using BundleCopier.Receipt;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Govern;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Without_values_there_are_no_figures() => Assert.Null(new LatencyHistogram().Report());

    [Fact]
    public void One_latency_is_every_figure() => Assert.Equal(new ReceiptLatencies(1, 1.234, 1.234, 1.234), Of(1234));

    [Fact]
    public void One_outlier_in_a_hundred_latencies_is_the_maximum_and_not_the_p99()
    {
        ReceiptLatencies found = Of([.. Enumerable.Repeat(20L, 99), 5_000_000]);
        Assert.Equal(new ReceiptLatencies(100, 0.02, 0.02, 5000), found);
    }

    [Fact]
    public void The_p99_of_twenty_latencies_is_the_maximum() =>
        Assert.Equal(0.031, Of([.. Enumerable.Range(12, 20).Select(us => (long)us)]).P99Ms);

    [Fact]
    public void A_clock_that_goes_back_counts_as_no_time() => Assert.Equal(new ReceiptLatencies(1, 0, 0, 0), Of(-5));

    [Fact]
    public void Quantiles_are_never_below_the_truth_and_at_most_a_thirty_second_above() =>
        Gen.OneOf(Gen.Long[0, 200], Gen.Long[0, 100_000], Gen.Long[0, 1L << 38]).Array[1, 300].Sample(times =>
        {
            ReceiptLatencies found = Of(times);
            long[] sorted = [.. times.Order()];
            IsNear(sorted[(int)Math.Ceiling(0.5 * times.Length) - 1], found.P50Ms);
            IsNear(sorted[(int)Math.Ceiling(0.99 * times.Length) - 1], found.P99Ms);
            Assert.Equal((times.Length, sorted[^1] / 1000.0), (found.Count, found.MaxMs));
        });

    [Fact]
    public void Times_above_the_largest_bound_are_counted() =>
        Assert.Equal(
        new ReceiptLatencies(1, long.MaxValue / 1000.0, long.MaxValue / 1000.0, long.MaxValue / 1000.0), Of(
        long.MaxValue));

    private static void IsNear(long expectedUs, double foundMs) =>
        Assert.InRange(foundMs * 1000, expectedUs - 0.001, (expectedUs * (33 / 32.0)) + 0.001);

    private static ReceiptLatencies Of(params long[] times)
    {
        LatencyHistogram histogram = new();
        foreach (long time in times)
            histogram.Add(time);
        return histogram.Report()!;
    }
}
