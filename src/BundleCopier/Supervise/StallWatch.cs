using BundleCopier.Actors;

namespace BundleCopier.Supervise;

/// <summary>What the calls of an actor are about.</summary>
internal enum CallRole
{
    Source,
    Destination,

    /// <summary>Figures only: no one waits for it.</summary>
    Canary,
}

/// <summary>One actor's calls, and for how long nothing has come of them.</summary>
/// <param name="watch">Shows the calls.</param>
/// <param name="role">What they are about.</param>
internal sealed class WatchedCalls(CallWatch watch, CallRole role)
{
    private long round;
    private long flights;
    private (long Beats, long Steps) progress;
    private long? finishedByDisk;

    public CallWatch Watch => watch;

    public CallRole Role => role;

    /// <summary>The call that has run all this time; even where none has.</summary>
    public long Ticket => round;

    /// <summary>How long the running call has been silent, in milliseconds; 0 without one.</summary>
    public long SilentMs { get; private set; }

    /// <summary>How long no write in flight has ended; 0 without one.</summary>
    public long FlightsSilentMs { get; private set; }

    /// <summary>A call runs, or writes are in flight.</summary>
    public bool IsBusy => round % 2 == 1 || flights != 0;

    /// <summary>Some time has passed.</summary>
    public void Pass(long elapsedMs)
    {
        long now = watch.Round;
        (long Beats, long Steps) nowProgress = watch.Progress;
        long? nowFinished = watch.Pulse.FinishedByDisk();
        bool diskWorks = nowFinished is not null && finishedByDisk is not null && nowFinished != finishedByDisk;
        bool isSilent = now == round && now % 2 == 1 && nowProgress == progress && !diskWorks;
        SilentMs = isSilent ? SilentMs + elapsedMs : 0;
        (round, progress, finishedByDisk) = (now, nowProgress, nowFinished);
        now = watch.Flights;
        FlightsSilentMs = now == flights && now != 0 ? FlightsSilentMs + elapsedMs : 0;
        flights = now;
    }
}

/// <summary>
/// Measures how long system calls are silent. It looks several times a second, and counts no more than a little for
/// each look: while the whole process stands still (SIGSTOP, a frozen cgroup), no call is late. While the disk of the
/// destination works, no call of the keeper is late: a sync may wait for the data of other programs. A write waits for
/// itself only. Pure.
/// </summary>
internal sealed class StallWatch
{
    private const long MaxStepMs = 300;

    private readonly List<WatchedCalls> all = [];
    private long? lastMs;

    public IReadOnlyList<WatchedCalls> All => all;

    public void Add(WatchedCalls calls) => all.Add(calls);

    public void Remove(Predicate<WatchedCalls> which) => all.RemoveAll(which);

    /// <summary>Looks at all calls.</summary>
    /// <returns>The time that counts since the last look.</returns>
    public long Look(long nowMs)
    {
        long elapsedMs = Math.Min(nowMs - (lastMs ?? nowMs), MaxStepMs);
        lastMs = nowMs;
        foreach (WatchedCalls calls in all)
            calls.Pass(elapsedMs);
        return elapsedMs;
    }
}
