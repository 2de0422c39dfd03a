using System.Collections.Concurrent;
using Akka.Dispatch;
using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// Runs the turns of a <see cref="WorkThread"/>: a real thread in production, a seeded order in tests.
/// </summary>
internal interface IThreadHost
{
    /// <summary>
    /// Begins to run the thread's turns, until <see cref="WorkThread.TryEnd"/> says that it has ended.
    /// </summary>
    void Start(WorkThread thread);
}

/// <summary>
/// What one thread of a copy has to do: the messages of the actors that live on it, and the writes in flight that it
/// looks after between two messages. The thread sleeps when there is nothing to do.
/// </summary>
/// <param name="host">Runs it.</param>
internal sealed class WorkThread(IThreadHost host)
{
    [ThreadStatic]
    private static WorkThread? current;

    private readonly ConcurrentQueue<IRunnable> waiting = new();
    private readonly Lock gate = new();
    private readonly Stack<IDisposable> leftovers = new();
    private Action? look;
    private volatile bool isRunning;
    private volatile bool isShutDown;

    /// <summary>The thread that the caller runs on; null where it runs on a thread that others share.</summary>
    public static WorkThread? Current => current;

    /// <summary>Wakes the thread. The kernel can give it, too.</summary>
    public ThreadSignal Signal { get; } = new();

    /// <summary>Where the scheduler places the thread among others; kept here because its actors share it.</summary>
    public ThreadStanding Standing { get; private set; } = new();

    /// <summary>There is something to do now. For hosts that do not sleep.</summary>
    public bool HasWork => !waiting.IsEmpty || look is not null || leftovers.Count > 0;

    /// <summary>The actors have stopped, and there is nothing left to do.</summary>
    public bool CanEnd => isShutDown && !HasWork;

    /// <summary>Adds a turn of one of the thread's actors. From any thread.</summary>
    public void Add(IRunnable run)
    {
        isShutDown = false;
        waiting.Enqueue(run);
        // A thread that is about to end looks at the queue once more after it has said so: one of the two sees the
        // other.
        Interlocked.MemoryBarrier();
        if (!isRunning)
            StartAgain();
        Signal.Give();
    }

    /// <summary>The last of the thread's actors has stopped. From any thread.</summary>
    public void ShutDown()
    {
        isShutDown = true;
        Signal.Give();
    }

    /// <summary>
    /// Calls <paramref name="action"/> between two messages and whenever the signal was given, until <see
    /// cref="StopLooking"/>. From this thread; one caller at a time.
    /// </summary>
    public void LookBetweenMessages(Action action) => look = action;

    /// <summary>Ends <see cref="LookBetweenMessages"/>. From this thread.</summary>
    public void StopLooking() => look = null;

    /// <summary>
    /// Gives something back when the calling thread has nothing else to do, because giving it back takes long; at
    /// once where others share the thread.
    /// </summary>
    public static void GiveBackLater(IDisposable? leftover)
    {
        if (leftover is null)
            return;
        if (current is { } own)
            own.leftovers.Push(leftover);
        else
            leftover.Dispose();
    }

    /// <summary>
    /// One turn: looks after the writes in flight, and then runs one message or gives one thing back.
    /// </summary>
    /// <param name="isOwn">
    /// The calling thread does nothing else. On a thread that others share, no actor may lower the priority.
    /// </param>
    /// <returns>False when there was nothing to do but to look.</returns>
    public bool TakeTurn(bool isOwn = true)
    {
        WorkThread? outer = current;
        current = isOwn ? this : null;
        try
        {
            look?.Invoke();
            if (waiting.TryDequeue(out IRunnable? run))
                run.Run();
            else if (leftovers.TryPop(out IDisposable? leftover))
                leftover.Dispose();
            else
                return false;
            return true;
        }
        finally
        {
            current = outer;
        }
    }

    /// <summary>
    /// True when the thread has ended: its actors have stopped, and nothing is left to do. Another <see cref="Add"/>
    /// starts it again.
    /// </summary>
    public bool TryEnd()
    {
        // Shutdown can arrive after a new actor attached; do not end while there are writes to look after.
        if (!CanEnd)
            return false;
        lock (gate)
        {
            isRunning = false;
            Interlocked.MemoryBarrier();
            isRunning = !waiting.IsEmpty;
            if (!isRunning)
                Signal.StopListening();
            return !isRunning;
        }
    }

    private void StartAgain()
    {
        lock (gate)
        {
            if (isRunning || waiting.IsEmpty)
                return;
            isRunning = true;
            Standing = new ThreadStanding();
            host.Start(this);
        }
    }
}
