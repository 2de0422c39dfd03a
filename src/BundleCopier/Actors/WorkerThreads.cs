using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// The threads that do a copy's work, and what they get of the processors. A thread enters itself, and the governor
/// looks: one that starves cannot say so. Safe on any thread.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Watched> watched = [];
    private bool isClosed;
    private volatile bool stepBack;

    /// <summary>The governor's last word: they step back behind everybody else.</summary>
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

    /// <summary>What all of them together got since this was asked last.</summary>
    public ProcessorTime Take()
    {
        ProcessorTime sum = default;
        lock (gate)
        {
            foreach (Watched one in watched)
                sum += one.Take();
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

        public ProcessorTime Take()
        {
            // Of a thread that has ended nothing more is to be told.
            ProcessorTime now = clock.Read() ?? last;
            ProcessorTime since = now - last;
            last = now;
            return since;
        }
    }
}
