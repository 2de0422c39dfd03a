using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class ThreadSignalTests
{
    [Fact]
    public void A_signal_before_the_wait_is_not_lost_and_several_signals_count_as_one()
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
    public void A_hundred_thousand_signals_in_both_directions_arrive(bool listening)
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
    public void An_event_of_the_kernel_before_the_wait_is_not_lost()
    {
        ThreadSignal signal = new();
        using FileHandle? descriptor = signal.Listen();
        Announce(descriptor!);
        signal.Wait();
        signal.Give();
        signal.Wait();
    }

    // Like a finished write.
    private static unsafe void Announce(FileHandle descriptor)
    {
        ulong one = 1;
        using FileHandle.Loan loan = descriptor.Borrow();
        Assert.Equal(sizeof(ulong), (int)Tmds.Linux.LibC.write(loan.Fd, &one, sizeof(ulong)));
    }
}
