using BundleCopier.Govern;
using BundleCopier.Receipt;
using BundleCopier.Tests.Simulation;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Govern;

public sealed class CanaryTests
{
    private readonly SimCase world = new(1);

    [Fact]
    public void The_canary_is_ready_after_twenty_probes()
    {
        using Canary canary = new(world.Kernel, SimKernel.DestinationPath);
        for (int i = 0; i < 20; i++)
        {
            Assert.False(canary.IsReady);
            canary.Probe();
        }

        Assert.True(canary.IsReady);
        Assert.Equal((20, 20), (canary.Report().Write.Before?.Count, canary.Report().ForkExec.Before?.Count));
        Assert.Null(canary.Report().Write.During);
    }

    [Fact]
    public void The_canary_is_ready_after_a_time_even_with_few_probes()
    {
        using Canary canary = new(world.Kernel, SimKernel.DestinationPath);
        canary.Probe();
        world.Kernel.Idle(300);
        canary.Probe();
        Assert.True(canary.IsReady);
        Assert.Equal(2, canary.Report().Write.Before?.Count);
    }

    [Fact]
    public void Later_measurements_of_the_canary_count_for_the_copy()
    {
        using Canary canary = Ready();
        world.Faults.Hook = Slow(SimOp.WriteProbe, 40);
        canary.Probe();
        ReceiptCanary report = canary.Report();
        Assert.Equal((1, 1), (report.Write.During?.Count, report.ForkExec.During?.Count));
        Assert.Equal(41, report.Write.During?.MaxMs);
        Assert.Equal(1, report.ForkExec.During?.MaxMs);
        Assert.Equal(1, report.Write.Before?.MaxMs);
    }

    [Fact]
    public void The_first_probe_of_each_kind_does_not_count_because_caches_are_cold()
    {
        world.Faults.Hook = (op, _, _) =>
        {
            if (op is SimOp.WriteProbe or SimOp.Spawn && world.Faults.CountOf(op) == 1)
                world.Kernel.Idle(70);
            return 0;
        };
        using Canary canary = Ready();
        Assert.Equal((1, 1), (canary.Report().Write.Before?.MaxMs, canary.Report().ForkExec.Before?.MaxMs));
    }

    [Fact]
    public void Without_nameless_files_the_canary_has_no_writes_and_says_so()
    {
        world.Faults.OnNth(SimOp.CreateProbe, 1, EOPNOTSUPP);
        using Canary canary = Ready();
        Assert.Equal(new ReceiptProbe { Error = "EOPNOTSUPP" }, canary.Report().Write);
        Assert.Equal(20, canary.Report().ForkExec.Before?.Count);
        Assert.Equal(1, world.Faults.CountOf(SimOp.CreateProbe));
    }

    [Fact]
    public void Without_a_destination_the_canary_has_no_writes_and_says_so()
    {
        using Canary canary = new(world.Kernel, "/nowhere");
        canary.Probe();
        Assert.Equal(new ReceiptProbe { Error = "ENOENT" }, canary.Report().Write);
    }

    [Fact]
    public void A_probe_that_fails_once_is_reported_and_the_others_count()
    {
        world.Faults.OnNth(SimOp.WriteProbe, 5, ENOSPC).OnNth(SimOp.WriteProbe, 6, EIO).OnNth(SimOp.Spawn, 7, EAGAIN);
        using Canary canary = Ready();
        ReceiptCanary report = canary.Report();
        Assert.Equal(("ENOSPC", 18), (report.Write.Error, report.Write.Before?.Count));
        Assert.Equal(("EAGAIN", 19), (report.ForkExec.Error, report.ForkExec.Before?.Count));
    }

    [Fact]
    public void Probes_begin_at_regular_intervals_and_never_without_a_pause()
    {
        using Canary canary = new(world.Kernel, SimKernel.DestinationPath);
        canary.Probe();
        Assert.Equal(13, canary.DelayMs); // two calls took 2 of 15 ms
        world.Kernel.Idle(100);
        Assert.Equal(1, canary.DelayMs);
        while (!canary.IsReady)
            canary.Probe();
        Assert.InRange(canary.DelayMs, 48, 50);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Ready().Dispose();
        Assert.Empty(world.Kernel.Leaks);
        Assert.Empty(world.Kernel.Destination.Children);
        Assert.Empty(world.Kernel.Violations);
    }

    private Canary Ready()
    {
        Canary canary = new(world.Kernel, SimKernel.DestinationPath);
        while (!canary.IsReady)
            canary.Probe();
        return canary;
    }

    private Func<SimOp, string, long, int> Slow(SimOp slow, int elapsedMs) => (op, _, _) =>
    {
        if (op == slow)
            world.Kernel.Idle(elapsedMs);
        return 0;
    };
}
