using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class SpaceLedgerTests
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;
    private const long Unlimited = long.MaxValue;

    [Fact]
    public void Without_a_measurement_everything_may_start()
    {
        SpaceLedger ledger = new(keepsFree: true);
        ledger.Add(0, 100 * MiB, 0);
        ledger.Measured(null);
        Assert.Equal(Unlimited, ledger.RoomFor(0, MiB));
        Assert.False(ledger.TryAsk());
    }

    [Fact]
    public void With_ample_space_files_overlap()
    {
        SpaceLedger ledger = Ledger(100 * MiB, files: [10 * MiB, 10 * MiB]);
        Assert.Equal(Unlimited, ledger.RoomFor(1, MiB));
    }

    [Fact]
    public void With_little_space_a_file_waits_until_each_file_before_it_has_all_it_needs()
    {
        SpaceLedger ledger = Ledger(16 * MiB, files: [15 * MiB, MiB]);
        Assert.Null(ledger.RoomFor(1, MiB));
        Assert.Equal(Unlimited, ledger.RoomFor(0, MiB));
        ledger.Started(MiB);
        Assert.Null(ledger.RoomFor(1, MiB));
        ledger.Settled(0, MiB, MiB, MiB);
        ledger.Drained(0);
        Assert.Equal(Unlimited, ledger.RoomFor(1, MiB));
    }

    [Fact]
    public void The_end_of_a_compressed_file_comes_before_later_files()
    {
        SpaceLedger ledger = new(keepsFree: false);
        ledger.Measured(4 * MiB);
        ledger.Add(0, MiB, endBytes: 8 * KiB);
        ledger.Add(1, MiB, endBytes: 0);
        ledger.Drained(0);
        Assert.Null(ledger.RoomFor(1, MiB));
        ledger.Remove(0);
        Assert.Equal(Unlimited, ledger.RoomFor(1, MiB));
    }

    [Fact]
    public void The_last_writes_go_alone_because_writes_in_flight_reserve_space()
    {
        SpaceLedger ledger = Ledger(2 * MiB, files: [10 * MiB]);
        Assert.Equal(Unlimited, ledger.RoomFor(0, MiB));
        ledger.Started(MiB);
        Assert.Null(ledger.RoomFor(0, MiB));
        ledger.Settled(0, MiB, MiB, MiB);
        Assert.Equal(Unlimited, ledger.RoomFor(0, MiB));
    }

    [Fact]
    public void After_the_kernel_has_refused_a_write_files_take_turns_whatever_is_said_to_be_free()
    {
        SpaceLedger ledger = Ledger(1000 * MiB, files: [10 * MiB, MiB]);
        ledger.Filled();
        Assert.True(ledger.TryAsk());
        ledger.Measured(1000 * MiB);
        Assert.Null(ledger.RoomFor(1, MiB));
    }

    [Fact]
    public void What_must_stay_free_limits_the_last_writes_and_is_measured_before()
    {
        SpaceLedger ledger = Ledger(10 * MiB, files: [20 * MiB], keepsFree: true);
        for (int i = 0; i < 9; i++)
        {
            Assert.InRange(ledger.RoomFor(0, MiB)!.Value, MiB, Unlimited);
            ledger.Started(MiB);
            ledger.Settled(0, MiB, MiB, MiB);
        }

        Assert.Null(ledger.RoomFor(0, MiB));
        Assert.True(ledger.TryAsk());
        Assert.False(ledger.TryAsk());
        ledger.Measured(600 * KiB);
        long room = ledger.RoomFor(0, MiB)!.Value;
        Assert.InRange(room, 300 * KiB, 600 * KiB);
        Assert.Equal(0, room % 4096);
    }

    [Fact]
    public void With_nothing_left_that_may_be_used_a_file_gets_no_room()
    {
        SpaceLedger ledger = Ledger(0, files: [MiB], keepsFree: true);
        Assert.Equal(0, ledger.RoomFor(0, MiB));
    }

    [Fact]
    public void What_another_program_has_taken_shows_at_the_next_measurement()
    {
        SpaceLedger ledger = Ledger(300 * MiB, files: [200 * MiB, MiB]);
        Assert.Equal(Unlimited, ledger.RoomFor(1, MiB));
        for (int i = 0; i < 64; i++)
        {
            ledger.Started(MiB);
            ledger.Settled(0, MiB, MiB, MiB);
        }

        Assert.True(ledger.TryAsk());
        ledger.Started(MiB);
        ledger.Settled(0, MiB, MiB, MiB); // before or after the look, so it counts
        ledger.Measured(100 * MiB);
        Assert.Null(ledger.RoomFor(1, MiB));
    }

    [Fact]
    public void Files_that_are_not_open_yet_are_short_of_space_when_they_do_not_fit_beside_the_open_ones()
    {
        SpaceLedger ledger = Ledger(100 * MiB, files: [60 * MiB]);
        Assert.False(ledger.IsShortOf(30 * MiB));
        Assert.True(ledger.IsShortOf(40 * MiB));
    }

    private static SpaceLedger Ledger(long freeBytes, long[] files, bool keepsFree = false)
    {
        SpaceLedger ledger = new(keepsFree);
        ledger.Measured(freeBytes);
        foreach ((int index, long bytes) in files.Index())
            ledger.Add(index, bytes, endBytes: 0);
        return ledger;
    }
}
