using BundleCopier.Actors;
using Xunit;

namespace BundleCopier.Tests.Actors;

public sealed class KeptThreadsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Each_thread_does_one_piece_of_work_and_ends_and_others_take_its_place()
    {
        using KeptThreads kept = new(2);
        Assert.True(kept.Fill());
        Thread first = ThreadOf(kept);
        Thread second = ThreadOf(kept);
        Assert.NotSame(first, second);
        Assert.All([first, second], static t => Assert.True(t.Join(Patience)));
        Assert.False(kept.TryRun(static () => Assert.Fail("no thread is left")));

        Assert.True(kept.Fill());
        Assert.Equal(2, kept.Asleep);
        Assert.DoesNotContain(ThreadOf(kept), new[] { first, second });
    }

    [Fact]
    public async Task Work_that_goes_on_is_finished_after_the_end_and_no_more_begins()
    {
        KeptThreads kept = new(2);
        Assert.True(kept.Fill());
        using SemaphoreSlim goOn = new(0);
        TaskCompletionSource done = new();
        Assert.True(kept.TryRun(() =>
        {
            goOn.Wait();
            done.SetResult();
        }));
        kept.Dispose();
        Assert.False(kept.TryRun(static () => { }));
        Assert.True(kept.Fill());
        Assert.Equal(0, kept.Asleep);
        goOn.Release();
        await done.Task.WaitAsync(Patience);
    }

    private static Thread ThreadOf(KeptThreads kept)
    {
        TaskCompletionSource<Thread> thread = new();
        Assert.True(kept.TryRun(() => thread.SetResult(Thread.CurrentThread)));
        Assert.True(thread.Task.Wait(Patience));
        return thread.Task.Result;
    }
}
