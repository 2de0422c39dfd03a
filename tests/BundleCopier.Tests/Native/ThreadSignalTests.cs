using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class ThreadSignalTests
{
    [Fact]
    public void A_signal_that_came_first_is_not_lost_and_many_are_one()
    {
        ThreadSignal signal = new();
        signal.Give();
        signal.Give();
        signal.Wait();
        Thread waiter = new(signal.Wait);
        waiter.Start();
        Assert.False(waiter.Join(TimeSpan.FromMilliseconds(1)));
        signal.Give();
        Assert.True(waiter.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Of_a_hundred_thousand_signals_to_and_fro_none_is_lost()
    {
        const int Rounds = 100_000;
        ThreadSignal there = new(), back = new();
        Thread other = new(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                there.Wait();
                back.Give();
            }
        });
        Thread one = new(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                there.Give();
                back.Wait();
            }
        });
        other.Start();
        one.Start();
        Assert.True(one.Join(TimeSpan.FromMinutes(2)) && other.Join(TimeSpan.FromMinutes(1)));
    }
}
