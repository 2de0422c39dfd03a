using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Whatever goes wrong: it ends, and it does not lie about what it saved.</summary>
[Collection(SimulationCollection.Name)]
public sealed class StormTests
{
    [Fact]
    public void Whatever_fails_the_receipt_is_true() =>
        Seeds.Each(10_000, 400, seed => BundleCheck.Honest(SimRun.Of(SimDraw.Stormy(seed))));

    [Fact]
    public void Whoever_still_writes_to_the_sources_the_receipt_is_true() =>
        Seeds.Each(20_000, 300, seed => BundleCheck.Honest(SimRun.Of(SimDraw.Restless(seed))));
}
