namespace BundleCopier.Cli.Serve;

/// <summary>
/// The crashes that wait. One is saved at a time, with the whole budget (docs/decisions). Those that hold a process go
/// first, then the higher priority, then the user who was served longest ago, then the earlier one. So a user with
/// many crashes delays another one by one crash at most. Synchronous; only the server's actor uses it.
/// </summary>
internal sealed class CrashQueue(int maxWaiting)
{
    private readonly List<Crash> waiting = [];
    private readonly Dictionary<uint, long> lastTurn = [];
    private long turn;

    /// <summary>The most crashes that wait. Those that wait already stay.</summary>
    public int MaxWaiting { get; set; } = maxWaiting;

    public int Count => waiting.Count;

    /// <summary>The crashes that wait, the next one first.</summary>
    public IReadOnlyList<Crash> Waiting
    {
        get
        {
            waiting.Sort(Compare);
            return waiting;
        }
    }

    /// <summary>Adds a crash.</summary>
    /// <returns>The crash that has to go because too many wait; null where all fit.</returns>
    public Crash? Add(Crash crash)
    {
        waiting.Add(crash);
        if (waiting.Count <= MaxWaiting)
            return null;
        // The user who has most crashes here loses the last one of the lowest rank.
        Crash least = waiting
            .OrderBy(static c => c.HoldsProcess)
            .ThenBy(static c => c.Priority)
            .ThenByDescending(c => waiting.Count(other => other.UserId == c.UserId))
            .ThenByDescending(static c => c.Id)
            .First();
        waiting.Remove(least);
        return least;
    }

    /// <summary>Takes the next crash; null where none waits.</summary>
    public Crash? TakeNext()
    {
        if (Waiting is not [var next, ..])
            return null;
        waiting.RemoveAt(0);
        lastTurn[next.UserId] = ++turn;
        return next;
    }

    /// <summary>Takes the crashes that came before a moment.</summary>
    public IReadOnlyList<Crash> TakeOlderThan(long arrivedMs)
    {
        Crash[] late = [.. waiting.Where(c => c.ArrivedMs <= arrivedMs)];
        waiting.RemoveAll(c => c.ArrivedMs <= arrivedMs);
        return late;
    }

    /// <summary>Takes the crashes that hold a process.</summary>
    public IReadOnlyList<Crash.Core> TakeCores()
    {
        Crash.Core[] cores = [.. waiting.OfType<Crash.Core>()];
        waiting.RemoveAll(static c => c is Crash.Core);
        return cores;
    }

    private int Compare(Crash one, Crash other) => Rank(one).CompareTo(Rank(other));

    private (int, int, long, long) Rank(Crash crash) => (
        crash.HoldsProcess ? 0 : 1, -crash.Priority, lastTurn.GetValueOrDefault(crash.UserId), crash.Id);
}
