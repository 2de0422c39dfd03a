using BundleCopier.Govern;
using Xunit;

namespace BundleCopier.Tests.Govern;

public sealed class WriteStatsTests
{
    private static readonly IoLimits Some = new(1, 1, 2, 256 << 10, null, int.MaxValue, 8, false);

    [Fact]
    public void A_look_tells_what_happened_since_the_last_one()
    {
        WriteStats pace = new(Some, startUs: 1000);
        pace.Written(0, 1 << 20, 100);
        pace.Written(0, 1 << 20, 200);
        pace.Written(0, 1 << 20, 110);
        Assert.Equal(new GovernProtocol.WritesSeen(5000, 12, 110, 3 << 20), pace.Look(6000));
        Assert.Equal(new GovernProtocol.WritesSeen(1000, 0, 0, 0), pace.Look(7000));
    }

    [Fact]
    public void What_was_ordered_before_the_dials_were_turned_does_not_speak_for_them()
    {
        WriteStats pace = new(Some, startUs: 0);
        pace.Written(0, 1 << 20, 100);
        pace.Turn(Some with { PieceBytes = 128 << 10 });
        pace.Written(0, 1 << 20, 100);
        pace.Written(1, 1 << 20, 500);
        Assert.Equal(new GovernProtocol.WritesSeen(10, 8, 500, 3 << 20), pace.Look(10));
    }

    [Fact]
    public void Small_and_failed_writes_count_as_bytes_but_say_nothing_about_the_disk()
    {
        WriteStats pace = new(Some, startUs: 0);
        pace.Written(0, 4096, 90);
        pace.Written(0, 0, 90_000);
        pace.Written(0, 0, 0);
        pace.WrittenSmall(8192);
        pace.Written(0, 64 << 10, 70);
        Assert.Equal(new GovernProtocol.WritesSeen(10, 0, 0, (12 + 64) << 10), pace.Look(10));
    }

    [Fact]
    public void Too_few_are_kept_until_there_are_enough()
    {
        WriteStats pace = new(Some, startUs: 0);
        pace.Written(0, 256 << 10, 70);
        Assert.Equal(0, pace.Look(10).Count);
        pace.Written(0, 256 << 10, 80);
        Assert.Equal(0, pace.Look(20).Count);
        pace.Written(0, 256 << 10, 90);
        Assert.Equal(new GovernProtocol.WritesSeen(10, 3, 80, 256 << 10), pace.Look(30));
        Assert.Equal(0, pace.Look(40).Count);
    }

    [Fact]
    public void Dials_that_a_write_does_not_feel_leave_what_was_seen_of_it()
    {
        WriteStats pace = new(Some, startUs: 0);
        pace.Written(0, 1 << 20, 100);
        pace.Turn(Some with { MaxLeases = 3, IsLowered = true });
        Assert.Equal((4, 100), (pace.Look(10).Count, 100));
        Assert.Equal(0, pace.Turns);
    }

    [Fact]
    public void However_many_writes_there_are_the_median_is_of_the_last_ones()
    {
        LatencySample sample = new();
        for (int i = 0; i < 1000; i++)
            sample.Add(i < 900 ? 1_000_000 : i);
        Assert.Equal(1000, sample.Count);
        Assert.InRange(sample.TakeMedianUs(), 936, 999);
        Assert.Equal(0, sample.TakeMedianUs());
    }
}
