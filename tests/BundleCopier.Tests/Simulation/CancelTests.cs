using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>A copy that is stopped, at every single step that it can be stopped at.</summary>
[Collection(SimulationCollection.Name)]
public sealed class CancelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whenever_it_is_cancelled_it_ends_and_what_it_says_is_true(int seed)
    {
        int steps = SimRun.Of(Subject(seed)).Steps;
        bool wasCut = false;
        for (int step = 0; step <= steps + 1; step++)
        {
            SimRun run = SimRun.Of(Subject(seed), cancelAt: step);
            BundleCheck.Honest(run);
            BundleStatus status = run.Committed.Receipt.Status;
            Assert.True(
                status is BundleStatus.Cancelled or BundleStatus.Complete, $"cancelled at step {step}, it is {status}");
            wasCut |= status == BundleStatus.Cancelled
                && run.Committed.Receipt.Files.Any(f => f.Status == FileStatus.Partial);
        }

        Assert.True(wasCut, "No cancel came in the middle of a file.");
    }

    [Fact]
    public void Whenever_it_is_cancelled_in_a_failing_world_it_still_ends_and_is_true() =>
        Seeds.Each(30_000, 250, seed =>
    {
        SimCase drawn = SimDraw.Restless(seed);
        BundleCheck.Honest(SimRun.Of(drawn, cancelAt: new Random(seed).Next(0, 120)));
    });

    private static SimCase Subject(int seed)
    {
        SimCase subject = new(seed)
        {
            Settings =
                new CopySettings { BudgetBytes = 2 << 20, ReaderMode = seed % 2 == 0 ? ReadMode.Map : ReadMode.Slab },
        };
        subject.AddFile("empty", new SimPages());
        subject.AddFile("heap", SimContent.Dense(seed, (3 << 20) + 500));
        subject.AddFile("ring", SimContent.Dense(~seed, 5000));
        return subject;
    }
}
