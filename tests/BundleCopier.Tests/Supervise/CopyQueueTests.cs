using BundleCopier.Settings;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class CopyQueueTests
{
    private const long MiB = 1 << 20;

    private readonly List<string> started = [];
    private readonly Queue<TaskCompletionSource> running = new();

    [Fact]
    public void Copies_begin_by_priority_and_then_in_their_order()
    {
        CopyQueue queue = new(new EngineSettings { MaxConcurrentCopies = 1 });
        Enter(queue, "running");
        Enter(queue, "low");
        Enter(queue, "first", priority: 5);
        Enter(queue, "second", priority: 5);
        Enter(queue, "urgent", priority: 9);
        EngineState state = queue.State(nowMs: 100, isArmed: false, isMemoryLocked: false);
        Assert.Equal(["urgent", "first", "second", "low"], state.Waiting.Select(static w => w.Bundle));
        Assert.Equal((1, TimeSpan.FromMilliseconds(100)), (state.Running, state.Waiting[0].Waited));
        for (int i = 0; i < 4; i++)
            End(queue, 4 * MiB);
        Assert.Equal(["running", "urgent", "first", "second", "low"], started);
    }

    [Fact]
    public void A_copy_waits_for_its_budget_and_smaller_ones_do_not_overtake_it()
    {
        CopyQueue queue = new(new EngineSettings { BudgetBytes = 10 * MiB });
        Enter(queue, "a", 6 * MiB);
        Enter(queue, "large", 8 * MiB);
        Enter(queue, "small", 2 * MiB);
        Assert.Equal(["a"], started);
        EndCopy(queue);
        // A call that hangs still uses the memory.
        Assert.Equal(["a"], started);
        queue.BudgetFreed(6 * MiB);
        Assert.Equal(["a", "large", "small"], started);
        Assert.Equal(10 * MiB, queue.State(0, false, false).UsedBytes);
    }

    [Fact]
    public void A_copy_that_stops_waiting_lets_the_next_one_begin()
    {
        CopyQueue queue = new(new EngineSettings { BudgetBytes = 10 * MiB });
        CopyQueue.Entry running = Enter(queue, "a", 6 * MiB);
        CopyQueue.Entry large = Enter(queue, "large", 8 * MiB);
        Enter(queue, "small", 2 * MiB);
        Assert.True(queue.Leave(large));
        Assert.False(queue.Leave(running));
        Assert.Equal(["a", "small"], started);
        Assert.Equal(2, queue.State(0, false, false).Running);
    }

    private CopyQueue.Entry Enter(CopyQueue queue, string bundle, long budgetBytes = 4 * MiB, int priority = 0)
    {
        TaskCompletionSource result = new();
        CopyQueue.Entry entry = new(
            bundle,
            priority,
            budgetBytes,
            ArrivedMs: 0,
            () =>
            {
                started.Add(bundle);
                running.Enqueue(result);
            },
            result.Task);
        queue.Enter(entry);
        return entry;
    }

    private void EndCopy(CopyQueue queue)
    {
        running.Dequeue().SetResult();
        queue.CopyEnded();
    }

    private void End(CopyQueue queue, long budgetBytes)
    {
        EndCopy(queue);
        queue.BudgetFreed(budgetBytes);
    }
}
