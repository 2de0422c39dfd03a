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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_hundred_thousand_signals_to_and_fro_none_is_lost(bool listening)
    {
        const int Rounds = 100_000;
        ThreadSignal there = new(), back = new();
        using FileHandle? thereDescriptor = listening ? there.Listen() : null;
        using FileHandle? backDescriptor = listening ? back.Listen() : null;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_signal_that_listens_wakes_its_thread_for_the_kernel_and_for_others(bool byKernel)
    {
        ThreadSignal signal = new();
        using FileHandle? descriptor = signal.Listen();
        Assert.NotNull(descriptor);
        Assert.Same(descriptor, signal.Listen());
        Thread waiter = new(signal.Wait);
        waiter.Start();
        Assert.False(waiter.Join(TimeSpan.FromMilliseconds(1)));
        if (byKernel)
            Announce(descriptor);
        else
            signal.Give();
        Assert.True(waiter.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void What_the_kernel_has_announced_before_the_wait_is_not_lost()
    {
        ThreadSignal signal = new();
        using FileHandle? descriptor = signal.Listen();
        Announce(descriptor!);
        signal.Wait();
        signal.Give();
        signal.Wait();
    }

    // As a write that has ended does.
    private static unsafe void Announce(FileHandle descriptor)
    {
        ulong one = 1;
        using FileHandle.Loan loan = descriptor.Borrow();
        Assert.Equal(sizeof(ulong), (int)Tmds.Linux.LibC.write(loan.Fd, &one, sizeof(ulong)));
    }
}
