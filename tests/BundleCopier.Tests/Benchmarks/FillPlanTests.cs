using BundleCopier.Benchmarks.Bystanders;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class FillPlanTests
{
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;
    private static readonly FillPlan Plan = new(KeepFreeBytes: GiB, FloorBytes: 700 * MiB);

    [Theory]
    [InlineData(20, 0, 256)]
    [InlineData(1.125, 0, 128)]
    [InlineData(1.01, 5, 0)]
    [InlineData(0.99, 5, 0)]
    [InlineData(0.5, 5, -512)]
    public void Filling_takes_memory_in_steps_until_little_is_left_and_frees_the_excess(
        double availableGiB, long takenGiB, long nextMiB) =>
        Assert.Equal(nextMiB * MiB, Plan.Next((long)(availableGiB * GiB), takenGiB * GiB));

    [Fact]
    public void Filling_frees_no_more_than_it_took() => Assert.Equal(-100 * MiB, Plan.Next(GiB / 2, 100 * MiB));

    [Fact]
    public void No_step_goes_below_the_floor() => Assert.All(
        Enumerable.Range(1, 4096).Select(i => i * 8 * MiB).Where(available => !Plan.IsUnsafe(available)),
        available => Assert.False(Plan.IsUnsafe(available - Math.Max(0, Plan.Next(available, takenBytes: 0)))));

    [Fact]
    public void Filling_ends_for_any_amount_of_memory_and_leaves_as_much_as_planned()
    {
        long available = 37 * GiB + 12345, taken = 0, steps = 0;
        while (Plan.Next(available, taken) is var next and not 0)
        {
            Assert.True(++steps < 1000);
            taken += next;
            available -= next;
        }

        Assert.InRange(available, GiB - (16 * MiB), GiB + (16 * MiB));
    }

    [Theory]
    [InlineData(699, true)]
    [InlineData(700, false)]
    public void Below_the_floor_the_machine_is_not_safe(long availableMiB, bool isUnsafe) =>
        Assert.Equal(isUnsafe, Plan.IsUnsafe(availableMiB * MiB));

    [Fact]
    public void A_machine_needs_memory_for_the_source_and_a_tmpfs_with_room_for_the_rest()
    {
        Assert.Null(Plan.Obstacle(20 * GiB, 6 * GiB, 19 * GiB));
        Assert.Contains("tmpfs", Plan.Obstacle(20 * GiB, 6 * GiB, (19 * GiB) - 1), StringComparison.Ordinal);
        Assert.Contains("7168", Plan.Obstacle((7 * GiB) - 1, 6 * GiB, 19 * GiB), StringComparison.Ordinal);
    }
}
