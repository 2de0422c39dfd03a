using BundleCopier.Govern;
using Xunit;

namespace BundleCopier.Tests.Write;

public sealed class RateGateTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(100L, null, 100L)]
    [InlineData(null, 50L, 50L)]
    [InlineData(100L, 50L, 50L)]
    [InlineData(50L, 100L, 50L)]
    public void The_lower_of_ceiling_and_limit_holds(long? ceilingMiB, long? limitMiB, long? heldMiB)
    {
        RateGate gate = new(ceilingMiB * MiB);
        gate.LimitTo(limitMiB * MiB);
        long passed = 0;
        for (long nowMs = 0; nowMs < 2000; nowMs++)
        {
            while (passed < 1000 && gate.TryPass(MiB, nowMs, out _))
                passed++;
        }

        // A burst of a twentieth of a second is allowed at the start.
        Assert.InRange(passed, heldMiB * 2 ?? 1000, (heldMiB * 2.1) + 1 ?? 1000);
    }

    [Fact]
    public void A_limit_that_was_removed_holds_no_writer()
    {
        RateGate gate = new(null);
        gate.LimitTo(MiB);
        Assert.True(gate.TryPass(MiB, 0, out _));
        Assert.False(gate.TryPass(MiB, 1, out long waitMs));
        Assert.InRange(waitMs, 900, 1000);
        gate.LimitTo(null);
        Assert.True(gate.TryPass(MiB, 1, out _));
    }
}
