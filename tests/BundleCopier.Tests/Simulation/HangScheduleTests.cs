using BundleCopier.Faults;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Copies in which a filesystem stops answering at some call, for a while or for good, and anything else may happen,
/// too.
/// </summary>
public sealed class HangScheduleTests
{
    private const int FirstSeed = 3_000_000;

    [Fact]
    public void Whatever_hangs_a_copy_ends_and_publishes_nothing_after_it() =>
        Seeds.EachInParallel(FirstSeed, 500, seed =>
        {
            SimRun run = SimRun.Of(SimDraw.Hanging(seed));
            BundleCheck.Holds(run);
            if (run.Result is CopyResult.Refused { Refusal.Kind: RefusalKind.DestinationHung })
                Assert.True(run.Kernel.Hang is { IsOfDestination: true, HasStruck: true });
        });

    [Fact]
    public void A_source_that_hangs_for_good_costs_no_file_in_memory() =>
        Seeds.EachInParallel(FirstSeed + 100_000, 150, seed =>
        {
            SimCase subject = SimDraw.HangingSource(seed, forMs: long.MaxValue);
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            foreach (ReceiptFile file in run.Committed.Receipt.Files)
            {
                bool isInMemory = run.Kernel.Sources[file.Source].Traits.IsShared;
                // Reads that hang keep their leases, and a compressed segment needs two (docs/failure-modes.md).
                bool hasNoLeases = file.Error?.Message.Contains("keep the memory", StringComparison.Ordinal) == true;
                Assert.True(
                    file.Status == FileStatus.Copied
                        || ((!isInMemory || hasNoLeases) && file.Error?.Code == "NO_ANSWER"),
                    $"{file.Name} is {file.Status}: {file.Error?.Message}");
            }

            // A file whose last look hangs has all its bytes, and is not proven quiet.
            if (run.Kernel.Hang!.HasStruck)
                Assert.Contains(
                    run.Committed.Receipt.Files, static f => f.Status != FileStatus.Copied || !f.Stable);
            else
                Assert.All(run.Committed.Receipt.Files, static f => Assert.Equal(FileStatus.Copied, f.Status));
        });

    [Fact]
    public void A_source_that_hangs_for_less_than_the_timeout_costs_nothing() =>
        Seeds.EachInParallel(FirstSeed + 200_000, 150, seed =>
            BundleCheck.Complete(SimRun.Of(SimDraw.HangingSource(seed, forMs: 1500))));
}
