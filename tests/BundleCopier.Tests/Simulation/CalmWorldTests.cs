using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Where nothing goes wrong, everything arrives, however the bytes lie and in whatever order the work is done.
/// </summary>
[Collection(SimulationCollection.Name)]
public sealed class CalmWorldTests
{
    [Fact]
    public void Whatever_the_layout_the_bundle_is_the_source() =>
        Seeds.Each(1, 1_000, seed => BundleCheck.Complete(SimRun.Of(SimDraw.Calm(seed))));

    [Fact]
    public void A_write_that_is_lost_is_noticed_by_these_tests() =>
        Seeds.Each(1, 10, seed =>
        {
            SimCase canary = new(seed);
            canary.AddFile("heap", SimContent.Dense(seed, 3 << 20));
            canary.Faults.LosesWrite = 2;
            // A queue that refuses a later piece of the same segment would have all of it written again.
            canary.Kernel.OverlapsWrites = false;
            Assert.ThrowsAny<Exception>(() => BundleCheck.Complete(SimRun.Of(canary)));
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Writers_overlap_where_they_can_and_wait_where_they_cannot(bool overlaps)
    {
        int most = 0;
        Seeds.Each(1, 10, seed =>
        {
            SimCase subject = new(seed);
            subject.AddFile("heap", SimContent.Dense(seed, 24 << 20));
            subject.Kernel.OverlapsWrites = overlaps;
            BundleCheck.Complete(SimRun.Of(subject));
            most = Math.Max(most, subject.Kernel.MaxOverlapped);
        });
        Assert.Equal(overlaps ? 4 : 0, most);
    }
}
