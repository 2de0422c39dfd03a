using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Govern;

public sealed class GovernorTests
{
    private const double FastDisk = 2000.0 * (1 << 20);
    private const double SlowDisk = 60.0 * (1 << 20);

    /// <summary>The share of the free speed that each profile promises to use.</summary>
    private static readonly Dictionary<GovernorProfile, double> Promised = new()
    {
        [GovernorProfile.Gentle] = 0.5,
        [GovernorProfile.Balanced] = 0.8,
        [GovernorProfile.Full] = 0.9,
    };

    public static TheoryData<GovernorProfile, double, double> Disks()
    {
        TheoryData<GovernorProfile, double, double> all = [];
        foreach (GovernorProfile profile in Enum.GetValues<GovernorProfile>())
        {
            all.Add(profile, FastDisk, 60);
            all.Add(profile, SlowDisk, 200);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_copy_that_is_alone_keeps_its_speed_although_measurements_are_noisy(
        GovernorProfile profile, double diskBytes, double overheadUs)
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, diskBytes, overheadUs);
            Governor governor = ModelMachine.Govern(profile);
            machine.Run(governor, 2);
            double[] speeds = machine.Run(governor, 60);
            Assert.True(
                speeds.Average() >= Promised[profile] * diskBytes, $"{speeds.Average() / diskBytes:0.00} of the disk");
            AssertSteady(speeds);
            Assert.Null(governor.Tally.Figures.MinRateBytes);
        });
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void The_speed_that_a_tenant_leaves_is_used_as_promised_and_steadily(
        GovernorProfile profile, double diskBytes, double overheadUs)
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, diskBytes, overheadUs);
            Governor governor = ModelMachine.Govern(profile);
            machine.Run(governor, 5);
            machine.Tenants = new Random(seed).Next(1, 9) / 10.0;
            machine.Run(governor, 3);
            double[] speeds = machine.Run(governor, 60);
            double used = speeds.Average() / machine.FreeBytesASecond;
            Assert.True(used >= Promised[profile] - 0.05, $"{used:0.00} of what {machine.Tenants:0.0} left");
            AssertSteady(speeds);
        });
    }

    [Fact]
    public void A_gentle_copy_slows_down_for_a_busy_tenant_within_a_second_and_speeds_up_within_four()
    {
        Seeds.Each(1, 50, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60);
            Governor governor = ModelMachine.Govern(GovernorProfile.Gentle);
            double before = machine.Run(governor, 5)[^10..].Average();
            machine.Tenants = 0.9;
            machine.Run(governor, 1);
            Assert.Equal(
                ProfileLimits.Of(GovernorProfile.Gentle, writers: 2).MinWindowBytes, governor.Limits.WindowBytes);
            Assert.NotNull(governor.Limits.RateBytes);

            machine.Tenants = 0;
            machine.Run(governor, 4);
            Assert.True(machine.Run(governor, 1).Average() >= 0.9 * before);
        });
    }

    [Fact]
    public void Bursts_of_a_tenant_do_not_stop_a_copy()
    {
        Seeds.Each(1, 50, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60);
            Governor governor = ModelMachine.Govern(GovernorProfile.Gentle);
            machine.Run(governor, 3);
            Random random = new(seed);
            double used = 0, free = 0;
            for (int burst = 0; burst < 100; burst++)
            {
                machine.Tenants = burst % 2 == 0 ? 0.9 : 0;
                foreach (double speed in machine.Run(governor, random.Next(1, 10) / 10.0))
                {
                    used += speed;
                    free += machine.FreeBytesASecond;
                }
            }

            Assert.True(used >= 0.25 * free, $"{used / free:0.00}");
        });
    }

    [Fact]
    public void A_disk_that_became_slower_for_good_is_used_again_within_three_minutes()
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60);
            Governor governor = ModelMachine.Govern(GovernorProfile.Gentle);
            machine.Run(governor, 5);
            machine.DiskBytesASecond /= 4;
            machine.Run(governor, 180);
            double used = machine.Run(governor, 10).Average() / machine.DiskBytesASecond;
            Assert.True(used >= Promised[GovernorProfile.Gentle], $"{used:0.00}");
            Assert.Null(governor.Limits.RateBytes);
        });
    }

    [Theory]
    [InlineData(GovernorProfile.Gentle)]
    [InlineData(GovernorProfile.Balanced)]
    public void Where_tasks_wait_for_memory_a_copy_steps_back(GovernorProfile profile)
    {
        ModelMachine machine = new(1, FastDisk, 60);
        Governor governor = ModelMachine.Govern(profile);
        double before = machine.Run(governor, 3)[^1];
        machine.MemoryStall = 0.4;
        machine.Run(governor, 4);
        Assert.True(governor.Tally.Figures.MemoryBackOffs > 0);
        Assert.True(machine.SpeedOf(governor.Limits) < 0.75 * before);

        machine.MemoryStall = 0;
        machine.Run(governor, 4);
        Assert.True(machine.Run(governor, 1).Average() >= 0.9 * before);
    }

    [Theory]
    [InlineData(long.MaxValue, false)]
    [InlineData(512L << 20, true)]
    public void A_memory_stall_while_much_memory_is_available_comes_from_a_limit_that_may_be_the_copys(
        long ownMemoryBytes, bool backsOff)
    {
        ModelMachine machine = new(1, FastDisk, 60) { MemoryStall = 0.4, MemAvailableBytes = 8L << 30 };
        Governor governor = ModelMachine.Govern(GovernorProfile.Gentle, ownMemoryBytes: ownMemoryBytes);
        machine.Run(governor, 10);
        Assert.Equal(backsOff, governor.Tally.Figures.MemoryBackOffs > 0);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.5, true)]
    public void On_saturated_processors_a_late_look_is_not_a_slow_disk_unless_a_task_waits_for_the_disk(
        double ioStall, bool backsOff) => Seeds.Each(1, 20, seed =>
    {
        ModelMachine machine = new(seed, FastDisk, 60);
        Governor governor = ModelMachine.Govern(GovernorProfile.Balanced);
        machine.Run(governor, 3);
        int before = governor.Tally.Figures.DiskBackOffs;
        // Latencies are ten times as long, because of the processors or because of the disk.
        (machine.IsSaturated, machine.Tenants, machine.IoStall) = (true, 0.9, ioStall);
        machine.Run(governor, 20);
        Assert.Equal(backsOff, governor.Tally.Figures.DiskBackOffs > before);
    });

    [Fact]
    public void When_memory_runs_low_fewer_segments_are_in_flight()
    {
        ModelMachine machine = new(1, FastDisk, 60);
        Governor governor = ModelMachine.Govern(GovernorProfile.Full);
        machine.Run(governor, 1);
        Assert.Equal(8, governor.Limits.MaxLeases);

        machine.MemAvailableBytes = 40L << 20;
        machine.Run(governor, 1);
        Assert.Equal(4, governor.Limits.MaxLeases);

        machine.MemAvailableBytes = 1L << 20;
        machine.Run(governor, 1);
        Assert.Equal(2, governor.Limits.MaxLeases);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_copy_that_gets_no_processor_raises_its_threads_again_and_lowers_them_later(bool knowsStalls)
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60) { KnowsStalls = knowsStalls };
            Governor governor = ModelMachine.Govern(GovernorProfile.Balanced);
            machine.Run(governor, 3);
            Assert.True(governor.Limits.IsLowered);
            machine.IsSaturated = true;
            machine.Run(governor, 3);
            Assert.False(governor.Limits.IsLowered);
            Assert.True(machine.Run(governor, 60).Average() > 0.2 * FastDisk);
            // Each try to lower the threads costs a slow second, and tries become rarer.
            Assert.InRange(governor.Tally.Figures.Starvations, 2, 6);

            machine.IsSaturated = false;
            machine.Run(governor, 45);
            Assert.True(governor.Limits.IsLowered);
            Assert.True(machine.Run(governor, 2).Average() > 0.8 * FastDisk);
        });
    }

    [Fact]
    public void A_copy_that_begins_on_saturated_processors_still_makes_progress()
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60) { IsSaturated = true };
            Governor governor = ModelMachine.Govern(GovernorProfile.Balanced);
            machine.Run(governor, 2);
            Assert.True(machine.Run(governor, 60).Average() > 0.2 * FastDisk);
        });
    }

    [Fact]
    public void One_turn_a_second_is_starvation_too()
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60) { IsSaturated = true, LongestWaitUs = 1_000_000 };
            Governor governor = ModelMachine.Govern(GovernorProfile.Gentle);
            machine.Run(governor, 4);
            Assert.InRange(governor.Tally.Figures.Starvations, 1, int.MaxValue);
        });
    }

    [Fact]
    public void A_busy_processor_for_a_third_of_a_second_is_not_starvation()
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60);
            Governor governor = ModelMachine.Govern(GovernorProfile.Balanced);
            for (int rush = 0; rush < 20; rush++)
            {
                machine.IsSaturated = rush % 2 == 0;
                machine.Run(governor, machine.IsSaturated ? 0.3 : 0.7);
            }

            Assert.Equal(0, governor.Tally.Figures.Starvations);
        });
    }

    [Theory]
    [InlineData(GovernorProfile.Gentle)]
    [InlineData(GovernorProfile.Balanced)]
    [InlineData(GovernorProfile.Full)]
    public void A_thread_that_waits_for_a_disk_or_for_other_threads_of_the_copy_does_not_starve(GovernorProfile profile)
    {
        Seeds.Each(1, 20, seed =>
        {
            ModelMachine machine = new(seed, FastDisk, 60);
            Governor governor = ModelMachine.Govern(profile);
            machine.Run(governor, 5);
            machine.DiskBytesASecond /= 100;
            machine.Run(governor, 20);
            machine.HungryThreads = 16;
            machine.Run(governor, 20);
            Assert.Equal(0, governor.Tally.Figures.Starvations);
        });
    }

    [Fact]
    public void Two_readings_close_together_do_not_spoil_the_figures()
    {
        ModelMachine machine = new(1, FastDisk, 60);
        Governor governor = ModelMachine.Govern(GovernorProfile.Gentle);
        machine.Run(governor, 3);
        IoLimits before = governor.Limits;
        Assert.False(
            governor.Observe(new GovernorTick(new WritesSeen(200, 16, 100, 2 << 20), default, default, default)));
        machine.Tenants = 0.9;
        machine.Run(governor, 3);
        Assert.InRange(governor.Limits.RateBytes!.Value, 1, (long)(0.5 * machine.SpeedOf(before) / 0.1));
    }

    [Fact]
    public void Full_never_holds_back_for_the_disk_or_memory()
    {
        ModelMachine machine = new(1, FastDisk, 60);
        Governor governor = ModelMachine.Govern(GovernorProfile.Full);
        IoLimits before = governor.Limits;
        (machine.Tenants, machine.MemoryStall) = (0.9, 0.9);
        machine.Run(governor, 20);
        Assert.Equal(before, governor.Limits);
        Assert.Equal(4L * SegmentGrid.SegmentBytes, before.WindowBytes);
    }

    [Fact]
    public void The_limits_stay_within_the_profile_in_any_state_of_the_machine()
    {
        Seeds.Each(1, 200, seed =>
        {
            Random random = new(seed);
            GovernorProfile profile = (GovernorProfile)random.Next(3);
            int writers = random.Next(1, 17);
            ProfileLimits limits = ProfileLimits.Of(profile, writers);
            ModelMachine machine = new(seed, SlowDisk * Math.Pow(100, random.NextDouble()), random.Next(1, 1000));
            Governor governor = ModelMachine.Govern(profile, writers);
            for (int step = 0; step < 100; step++)
            {
                machine.Tenants = random.Next(3) == 0 ? random.NextDouble() * 0.99 : 0;
                machine.MemoryStall = random.Next(5) == 0 ? random.NextDouble() : 0;
                machine.IsSaturated = random.Next(8) == 0;
                machine.MemAvailableBytes = random.NextInt64(1L << 32);
                machine.Run(governor, random.NextDouble() * 3);
                IoLimits dials = governor.Limits;
                Assert.InRange(
                    (long)dials.Pieces * dials.PieceBytes, Math.Min(
                        limits.MinWindowBytes, LatencyScale.StepBytes), limits.MaxWindowBytes);
                Assert.InRange(dials.Writers, 1, writers);
                Assert.InRange(dials.Pieces, 1, IoLimits.MaxPieces);
                Assert.InRange(dials.PieceBytes, LatencyScale.StepBytes, SegmentGrid.SegmentBytes);
                Assert.Equal(0, dials.PieceBytes % Alignment.Bytes);
                Assert.InRange(dials.MaxLeases, 2, 8);
                Assert.True(dials.RateBytes is null or >= CopySettings.MinRateBytes);
            }
        });
    }

    /// <summary>In 19 of 20 seconds the speed is within a quarter of the median.</summary>
    private static void AssertSteady(double[] speeds)
    {
        double[] seconds = [.. speeds.Chunk(10).Select(s => s.Average())];
        double usual = seconds.Order().ElementAt(seconds.Length / 2);
        int outside = seconds.Count(s => s < 0.75 * usual || s > 1.25 * usual);
        Assert.True(
            outside <= seconds.Length / 20,
            $"{outside} of {seconds.Length} seconds are out of the band around {usual:0}");
    }
}
