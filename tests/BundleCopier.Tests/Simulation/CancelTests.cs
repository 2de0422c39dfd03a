using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>A copy that is cancelled at each of its steps.</summary>
public sealed class CancelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_copy_that_is_cancelled_at_any_step_ends_with_a_true_receipt(int seed)
    {
        int steps = SimRun.Of(Subject(seed)).Steps;
        bool wasCut = false;
        for (int step = 0; step <= steps + 1; step++)
        {
            SimRun run = SimRun.Of(Subject(seed), cancelAt: step);
            BundleCheck.ReceiptIsTrue(run);
            BundleStatus status = run.Committed.Receipt.Status;
            Assert.True(
                status is BundleStatus.Cancelled or BundleStatus.Complete, $"cancelled at step {step}, it is {status}");
            wasCut |= status == BundleStatus.Cancelled
                && run.Committed.Receipt.Files.Any(f => f.Status == FileStatus.Partial);
        }

        Assert.True(wasCut, "No cancel came in the middle of a file.");
    }

    [Fact]
    public void A_copy_that_is_cancelled_while_things_fail_ends_with_a_true_receipt() =>
        Seeds.Each(30_000, 250, seed =>
    {
        SimCase drawn = SimDraw.WithChangingSources(seed);
        BundleCheck.ReceiptIsTrue(SimRun.Of(drawn, cancelAt: new Random(seed).Next(0, 120)));
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
