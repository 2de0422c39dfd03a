using BundleCopier.Govern;
using Xunit;

namespace BundleCopier.Tests.Govern;

public sealed class WriteStatsTests
{
    private static readonly IoLimits Some = new(1, 1, 2, 256 << 10, null, int.MaxValue, 8, false);

    private static readonly IoLimits Smaller = Some with { PieceBytes = 128 << 10 };

    [Fact]
    public void A_reading_covers_the_time_since_the_last_one()
    {
        WriteStats stats = new(Some, startUs: 1000);
        stats.Written(Some, 1 << 20, 100);
        stats.Written(Some, 1 << 20, 200);
        stats.Written(Some, 1 << 20, 110);
        Assert.Equal(new WritesSeen(5000, 12, 110, 3 << 20), stats.Take(6000));
        Assert.Equal(new WritesSeen(1000, 0, 0, 0), stats.Take(7000));
    }

    [Fact]
    public void Writes_under_earlier_limits_say_nothing_about_the_current_limits()
    {
        WriteStats stats = new(Some, startUs: 0);
        stats.Written(Some, 1 << 20, 100);
        stats.LimitsChanged(Smaller);
        stats.Written(Some, 1 << 20, 100);
        stats.Written(Smaller, 1 << 20, 500);
        Assert.Equal(new WritesSeen(10, 8, 500, 3 << 20), stats.Take(10));
    }

    [Fact]
    public void Small_and_failed_writes_count_as_bytes_but_say_nothing_about_the_disk()
    {
        WriteStats stats = new(Some, startUs: 0);
        stats.Written(Some, 4096, 90);
        stats.Written(Some, 0, 90_000);
        stats.Written(Some, 0, 0);
        stats.Written(Some, 8192, 0);
        stats.Written(Some, 64 << 10, 70);
        Assert.Equal(new WritesSeen(10, 0, 0, (12 + 64) << 10), stats.Take(10));
    }

    [Fact]
    public void Too_few_measurements_are_kept_until_there_are_enough()
    {
        WriteStats stats = new(Some, startUs: 0);
        stats.Written(Some, 256 << 10, 70);
        Assert.Equal(0, stats.Take(10).Count);
        stats.Written(Some, 256 << 10, 80);
        Assert.Equal(0, stats.Take(20).Count);
        stats.Written(Some, 256 << 10, 90);
        Assert.Equal(new WritesSeen(10, 3, 80, 256 << 10), stats.Take(30));
        Assert.Equal(0, stats.Take(40).Count);
    }

    [Fact]
    public void A_change_of_limits_that_does_not_affect_a_write_keeps_its_measurements()
    {
        WriteStats stats = new(Some, startUs: 0);
        stats.Written(Some, 1 << 20, 100);
        stats.LimitsChanged(Some with { MaxLeases = 3, IsLowered = true });
        Assert.Equal((4, 100), (stats.Take(10).Count, 100));
    }

    [Fact]
    public void The_median_is_of_the_last_writes_only()
    {
        LatencySample sample = new();
        for (int i = 0; i < 1000; i++)
            sample.Add(i < 900 ? 1_000_000 : i);
        Assert.Equal(1000, sample.Count);
        Assert.InRange(sample.TakeMedianUs(), 936, 999);
        Assert.Equal(0, sample.TakeMedianUs());
    }
}
