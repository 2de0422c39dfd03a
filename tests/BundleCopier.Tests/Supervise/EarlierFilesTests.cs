using BundleCopier.Faults;
using BundleCopier.Plan;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Tests.Supervise;

public sealed class EarlierFilesTests : IDisposable
{
    private readonly FlowFixture crew = new(new SimCase(1));

    public EarlierFilesTests() => crew.Orders.Clear();

    public void Dispose() => crew.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_keeper_compares_one_step_at_a_time_and_none_after_a_stop(bool isCancelled)
    {
        (Fault stop, CheckEnd end) = isCancelled
            ? (Fault.Of(FaultKind.Cancelled), CheckEnd.Leave)
            : (Fault.Of(FaultKind.DeadlinePassed), CheckEnd.Drop);
        EarlierFiles earlier = new(crew);
        for (int i = 0; i < 32; i++)
            earlier.Check(new PlannedFile(i, $"/dev/shm/{i}", $"{i}", null), isCompressed: false, stopCause: null);
        Assert.Equal(CheckEnd.WhenDone, Assert.IsType<CheckOutput>(Assert.Single(crew.Orders)).End);
        earlier.Answered(isDone: false, stopCause: null);
        Assert.Equal([0, 0], crew.Orders.Cast<CheckOutput>().Select(static o => o.File.Index));
        earlier.Answered(isDone: true, stop);
        for (int i = 1; i < 32; i++)
            earlier.Answered(isDone: true, stop);
        Assert.Equal(
            Enumerable.Range(1, 31).Select(i => (i, end)),
            crew.Orders.Skip(2).Cast<CheckOutput>().Select(static o => (o.File.Index, o.End)));
    }

    [Fact]
    public void A_file_that_could_not_be_opened_needs_no_space_any_more()
    {
        const long mib = 1 << 20;
        SpaceLedger space = new(keepsFree: false);
        space.Measured(4 * mib);
        EarlierFiles earlier = new(crew);
        earlier.Expect([default, default, new EarlierShare(mib, IsCompressed: true)]);
        ShrinkChoice choice = new();
        choice.Expect([10 * mib, mib, 2 * mib]);
        choice.Expect(earlier);
        Assert.True(choice.MustShrink(1, earlier.Of(1), space));
        choice.Leave(0);
        Assert.False(choice.MustShrink(1, earlier.Of(1), space));
        // An earlier run has compressed it.
        Assert.True(choice.MustShrink(2, earlier.Of(2), space));
    }
}
