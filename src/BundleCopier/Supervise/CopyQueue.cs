using BundleCopier.Observe;
using BundleCopier.Settings;

namespace BundleCopier.Supervise;

/// <summary>
/// Decides which copies of an engine run. A copy runs when its budget is free and there are not too many others. The
/// others wait: higher priority first, and in their order of arrival within one. Nothing overtakes the first one that
/// waits, so a copy with a large budget is not held up by a stream of small ones. Safe on any thread.
/// </summary>
/// <param name="settings">The limits.</param>
internal sealed class CopyQueue(EngineSettings settings)
{
    private readonly Lock gate = new();
    private readonly List<Entry> waiting = [];
    private readonly List<Entry> running = [];
    private long usedBytes;

    /// <summary>A copy that waits.</summary>
    /// <param name="Bundle">The name of its bundle.</param>
    /// <param name="Priority">The highest priority of its files.</param>
    /// <param name="BudgetBytes">What it takes of the budget.</param>
    /// <param name="ArrivedMs">When it came.</param>
    /// <param name="Start">Starts it.</param>
    /// <param name="Result">Is over when the copy has ended.</param>
    public sealed record Entry(
        string Bundle, int Priority, long BudgetBytes, long ArrivedMs, Action Start, Task Result);

    /// <summary>A copy comes. It is started at once, on this thread, when it needs not wait.</summary>
    public void Enter(Entry copy)
    {
        lock (gate)
        {
            int behind = waiting.FindLastIndex(w => w.Priority >= copy.Priority);
            waiting.Insert(behind + 1, copy);
            EngineMeter.Waiting.Add(1);
        }

        StartNext();
    }

    /// <summary>A copy waits no longer. False when it has been started.</summary>
    public bool Leave(Entry copy)
    {
        bool hasWaited;
        lock (gate)
            hasWaited = waiting.RemoveAll(w => ReferenceEquals(w, copy)) != 0;
        if (hasWaited)
            EngineMeter.Waiting.Add(-1);
        // It may have been what the others waited for.
        StartNext();
        return hasWaited;
    }

    /// <summary>A copy that was started has ended. Its <see cref="Entry.Result"/> is over by then.</summary>
    public void CopyEnded()
    {
        EngineMeter.Active.Add(-1);
        StartNext();
    }

    /// <summary>
    /// Its memory is free. That is later than its end where a call hangs in the kernel and may still use the memory.
    /// </summary>
    public void BudgetFreed(long budgetBytes)
    {
        lock (gate)
            usedBytes -= budgetBytes;
        EngineMeter.BudgetUsage.Add(-budgetBytes);
        StartNext();
    }

    /// <summary>The state as it is now.</summary>
    public EngineState State(long nowMs, bool isArmed, bool isMemoryLocked)
    {
        lock (gate)
        {
            WaitingCopy[] queue = [.. waiting.Select(w => new WaitingCopy(
                w.Bundle, w.Priority, w.BudgetBytes, TimeSpan.FromMilliseconds(nowMs - w.ArrivedMs)))];
            int runningCount = running.Count(static copy => !copy.Result.IsCompleted);
            return new EngineState(settings.BudgetBytes, usedBytes, runningCount, queue, isArmed, isMemoryLocked);
        }
    }

    private void StartNext()
    {
        while (true)
        {
            Entry next;
            lock (gate)
            {
                // A result is there before the queue is told of it, so a copy that comes in between need not wait.
                running.RemoveAll(static copy => copy.Result.IsCompleted);
                if (waiting.Count == 0 || running.Count >= settings.MaxConcurrentCopies
                    || usedBytes + waiting[0].BudgetBytes > settings.BudgetBytes)
                {
                    return;
                }

                next = waiting[0];
                waiting.RemoveAt(0);
                running.Add(next);
                usedBytes += next.BudgetBytes;
            }

            EngineMeter.Waiting.Add(-1);
            EngineMeter.Active.Add(1);
            EngineMeter.BudgetUsage.Add(next.BudgetBytes);
            next.Start();
        }
    }
}
