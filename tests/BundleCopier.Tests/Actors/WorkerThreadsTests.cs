using BundleCopier.Actors;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Actors;

public sealed class WorkerThreadsTests
{
    [Fact]
    public void Each_reading_sums_the_time_since_the_last_one_and_nothing_from_before_a_thread_entered()
    {
        using WorkerThreads threads = new();
        Clock first = new(new ProcessorTime(100, 1000));
        threads.Enter(first);
        first.Now = new ProcessorTime(110, 1500);
        Assert.Equal(new ProcessorTime(10, 500), threads.Take());

        Clock second = new(new ProcessorTime(7, 7));
        threads.Enter(second);
        second.Now = new ProcessorTime(8, 9);
        first.Now = new ProcessorTime(111, 1500);
        Assert.Equal(new ProcessorTime(2, 2), threads.Take());
        Assert.Equal(default, threads.Take());
    }

    [Fact]
    public void A_thread_that_has_ended_does_not_reduce_the_sum()
    {
        using WorkerThreads threads = new();
        Clock one = new(new ProcessorTime(5, 5));
        threads.Enter(one);
        one.Now = null;
        Assert.Equal(default, threads.Take());
    }

    [Fact]
    public void Clocks_are_closed_at_the_end_also_those_added_after_it()
    {
        WorkerThreads threads = new();
        Clock early = new(default), late = new(default);
        threads.Enter(early);
        threads.Dispose();
        threads.Enter(late);
        Assert.True(early.IsDisposed);
        Assert.True(late.IsDisposed);
        Assert.Equal(default, threads.Take());
    }

    private sealed class Clock(ProcessorTime? now) : IThreadClock
    {
        public ProcessorTime? Now { get; set; } = now;

        public bool IsDisposed { get; private set; }

        public ProcessorTime? Read() => Now;

        public void Dispose() => IsDisposed = true;
    }
}
