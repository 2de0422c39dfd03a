using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// The threads that do a copy's work, and the processor time that they get. Each thread enters itself. The governor
/// reads the times, because a thread that starves cannot report it. Safe on any thread.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Watched> watched = [];
    private bool isClosed;
    private volatile bool stepBack;

    /// <summary>The governor's newest decision: the threads run under SCHED_IDLE.</summary>
    public bool StepBack
    {
        get => stepBack;
        set => stepBack = value;
    }

    /// <summary>Looks after a thread from now on, and owns its clock.</summary>
    public void Enter(IThreadClock clock)
    {
        lock (gate)
        {
            if (isClosed)
                clock.Dispose();
            else
                watched.Add(new Watched(clock));
        }
    }

    /// <summary>The processor time of all threads since the last call. Threads that have ended are forgotten.</summary>
    public ProcessorTime Take()
    {
        ProcessorTime sum = default;
        lock (gate)
        {
            for (int i = watched.Count - 1; i >= 0; i--)
            {
                if (watched[i].Take() is { } time)
                {
                    sum += time;
                    continue;
                }

                watched[i].Clock.Dispose();
                watched.RemoveAt(i);
            }
        }

        return sum;
    }

    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            foreach (Watched one in watched)
                one.Clock.Dispose();
            watched.Clear();
        }
    }

    private sealed class Watched(IThreadClock clock)
    {
        private ProcessorTime last = clock.Read() ?? default;

        public IThreadClock Clock => clock;

        /// <summary>The time since the last call; null when the thread has ended.</summary>
        public ProcessorTime? Take()
        {
            if (clock.Read() is not { } now)
                return null;
            ProcessorTime since = now - last;
            last = now;
            return since;
        }
    }
}
