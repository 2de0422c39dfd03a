using System.Diagnostics.CodeAnalysis;
using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// Threads of the operating system that are started before they are needed and sleep until then: when a crash comes,
/// there may be no memory for their stacks, and no room in the limits for threads (TasksMax, RLIMIT_NPROC). Each does
/// one piece of work and ends, because the low priority that a copy takes cannot be given back. Safe on any thread.
/// </summary>
/// <param name="count">How many sleep.</param>
internal sealed class KeptThreads(int count) : IDisposable
{
    private static volatile KeptThreads? current;

    private readonly Lock gate = new();
    private readonly Stack<Sleeper> asleep = new();
    private bool isOver;

    /// <summary>Those that the copies of this process take first; null where each starts its own.</summary>
    public static KeptThreads? Current
    {
        get => current;
        set => current = value;
    }

    /// <summary>How many sleep when all of them do.</summary>
    public int Count => count;

    /// <summary>How many sleep now.</summary>
    public int Asleep
    {
        get
        {
            lock (gate)
                return asleep.Count;
        }
    }

    /// <summary>Starts those that are missing. False where the kernel gives no more threads.</summary>
    public bool Fill()
    {
        lock (gate)
        {
            while (!isOver && asleep.Count < count)
            {
                if (!Sleeper.TryStart(out Sleeper? started))
                    return false;
                asleep.Push(started);
            }

            return true;
        }
    }

    /// <summary>Does the work on one of the threads. False where none sleeps.</summary>
    public bool TryRun(Action work)
    {
        Sleeper? taken;
        lock (gate)
        {
            if (!asleep.TryPop(out taken))
                return false;
        }

        taken.Wake(work);
        return true;
    }

    /// <summary>Ends those that sleep. Those that work end after it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            while (asleep.TryPop(out Sleeper? sleeper))
                sleeper.Wake(null);
        }
    }

    private sealed class Sleeper
    {
        private readonly ThreadSignal isStarted = new();
        private readonly ThreadSignal isWoken = new();
        private Action? work;

        /// <summary>Returns when the thread has run as far as its sleep, so that it has its stack.</summary>
        public static bool TryStart([NotNullWhen(true)] out Sleeper? started)
        {
            started = new Sleeper();
            if (OwnThreadHost.TryStart(started.Run))
                started.isStarted.Wait();
            else
                started = null;
            return started is not null;
        }

        /// <summary>The thread does the work, or ends at once where there is none.</summary>
        public void Wake(Action? givenWork)
        {
            work = givenWork;
            isWoken.Give();
        }

        private void Run()
        {
            isStarted.Give();
            isWoken.Wait();
            work?.Invoke();
        }
    }
}
