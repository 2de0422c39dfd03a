using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>With any faults the copy ends, and its receipt is true.</summary>
[Collection(SimulationCollection.Name)]
public sealed class RandomFaultTests
{
    [Fact]
    public void The_receipt_is_true_whatever_fails() =>
        Seeds.EachInParallel(10_000, 400, seed => BundleCheck.ReceiptIsTrue(SimRun.Of(SimDraw.WithFaults(seed))));

    [Fact]
    public void The_receipt_is_true_while_sources_change() =>
        Seeds.EachInParallel(
            20_000, 300, seed => BundleCheck.ReceiptIsTrue(SimRun.Of(SimDraw.WithChangingSources(seed))));
}
