using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Govern;

public sealed class BystanderWatchTests
{
    private static readonly HostReading Calm = new(
        MemAvailableBytes: 1000, MemFreeBytes: 900, ShmemBytes: 500, DirtyBytes: 10,
        MemorySomeUs: 7_000, MemoryFullUs: 5_000, IoSomeUs: 100_000, IoFullUs: 50_000);

    private static readonly ReceiptResources Used = new()
    {
        BudgetBytes = 1,
        PeakInFlightBytes = 2,
        PeakRssBytes = 3,
        DestinationCachedBytes = 4,
        MajorFaults =
            5,
        Seconds = 6,
    };

    private static readonly ReceiptGovernor Governed = default(GovernorFigures).ToReceipt(GovernorProfile.Gentle);

    [Fact]
    public void Peaks_are_the_highest_and_the_lowest_of_all_readings()
    {
        ReceiptBystanders report = After(
            (Calm with { DirtyBytes = 70, MemAvailableBytes = 800 }, 30),
            (Calm with { DirtyBytes = 20, MemAvailableBytes = 300 }, 90),
            (Calm with { DirtyBytes = 0, MemAvailableBytes = 2000 }, 40));
        Assert.Equal((70, 300, 90), (report.DirtyPeakBytes, report.MemAvailableLowBytes, report.PageTablePeakBytes));
    }

    [Fact]
    public void The_start_counts_among_the_readings()
    {
        ReceiptBystanders report = After((Calm with { DirtyBytes = 5, MemAvailableBytes = 1500 }, 1));
        Assert.Equal((10, 1000, 20), (report.DirtyPeakBytes, report.MemAvailableLowBytes, report.PageTablePeakBytes));
    }

    [Fact]
    public void Growth_is_the_end_against_the_start_and_may_be_negative() =>
        Assert.Equal(
            -380, After((Calm with { ShmemBytes = 9000 }, 0), (Calm with { ShmemBytes = 120 }, 0)).TmpfsGrowthBytes);

    [Fact]
    public void Stalls_are_what_the_counters_moved_in_milliseconds()
    {
        ReceiptBystanders report =
            After((Calm with { MemorySomeUs = 7_250, MemoryFullUs = 5_000, IoSomeUs = 4_100_000, IoFullUs = 51_000 },
            0));
        Assert.Equal(new ReceiptStall(0.25, 0), report.MemoryStallMs);
        Assert.Equal(new ReceiptStall(4000, 1), report.IoStallMs);
    }

    [Fact]
    public void A_counter_that_goes_back_gives_no_negative_time() =>
        Assert.Equal(new ReceiptStall(0, 0), After((Calm with { IoSomeUs = 99_999 }, 0)).IoStallMs);

    [Fact]
    public void Figures_that_the_kernel_does_not_give_are_missing()
    {
        ReceiptBystanders report = new BystanderWatch(default, 0)
            .Report(Used with { DestinationCachedBytes = null }, Governed, canary: null);
        Assert.Equal(
            new ReceiptBystanders
            {
                PeakRssBytes = 3,
                PageTablePeakBytes = 0,
                MajorFaults = 5,
                Governor = Governed
            }, report);
    }

    [Fact]
    public void A_kernel_without_full_stalls_still_gives_some_stalls() =>
        Assert.Equal(
            new ReceiptStall(1, null), Report(
            Calm with { IoFullUs = null }, Calm with { IoFullUs = null, IoSomeUs = 101_000 }).IoStallMs);

    [Fact]
    public void A_figure_that_is_missing_in_one_reading_keeps_its_peak()
    {
        ReceiptBystanders report = After((Calm with { DirtyBytes = 70, MemAvailableBytes = 3 }, 0), (default, 0));
        Assert.Equal((70, 3), (report.DirtyPeakBytes, report.MemAvailableLowBytes));
        Assert.Null(report.IoStallMs);
        Assert.Null(report.TmpfsGrowthBytes);
    }

    [Fact]
    public void The_copys_own_figures_are_repeated()
    {
        ReceiptBystanders report = After();
        Assert.Equal((3, 4, 5), (report.PeakRssBytes, report.DestinationCachedBytes, report.MajorFaults));
    }

    private static ReceiptBystanders Report(HostReading start, HostReading end)
    {
        BystanderWatch watch = new(start, 0);
        watch.Add(end, 0);
        return watch.Report(Used, Governed, canary: null);
    }

    private static ReceiptBystanders After(params (HostReading Reading, long PageTableBytes)[] readings)
    {
        BystanderWatch watch = new(Calm, 20);
        foreach ((HostReading reading, long pageTableBytes) in readings)
            watch.Add(reading, pageTableBytes);
        return watch.Report(Used, Governed, canary: null);
    }
}
