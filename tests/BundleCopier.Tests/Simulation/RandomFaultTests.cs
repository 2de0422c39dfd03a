using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>With any faults the copy ends, and its receipt is true.</summary>
public sealed class RandomFaultTests
{
    [Fact]
    public void Checksums_of_segments_that_cannot_be_synced_are_left_out_and_cost_no_file()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 3 << 20));
        subject.Faults.Hook = static (op, name, _) =>
            op == SimOp.Sync && name.EndsWith("/checksums", StringComparison.Ordinal) ? ENOSPC : 0;
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        Assert.Null(run.Committed.Receipt.Files[0].SegmentChecksumsOffset);
    }

    [Fact]
    public void The_receipt_is_true_whatever_fails() =>
        Seeds.EachInParallel(10_000, 400, seed => BundleCheck.ReceiptIsTrue(SimRun.Of(SimDraw.WithFaults(seed))));

    [Fact]
    public void The_receipt_is_true_while_sources_change() =>
        Seeds.EachInParallel(
            20_000, 300, seed => BundleCheck.ReceiptIsTrue(SimRun.Of(SimDraw.WithChangingSources(seed))));
}
