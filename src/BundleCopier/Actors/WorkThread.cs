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

    private readonly IThreadHost host = host;
    private readonly ConcurrentQueue<IRunnable> waiting = new();
    private readonly Lock gate = new();
    private readonly Stack<IDisposable> leftovers = new();
    private ThreadWork? look;
    private int shift;
    private bool isFresh;
    private volatile bool isRunning;
    private volatile bool isShutDown;

    /// <summary>The thread that the caller runs on; null where it runs on a thread that others share.</summary>
    public static WorkThread? Current => current;

    /// <summary>Wakes the thread. The kernel can give it, too.</summary>
    public ThreadSignal Signal { get; } = new();

    /// <summary>Where the scheduler places the thread among others; kept here because its actors share it.</summary>
    public ThreadStanding Standing { get; private set; } = new();

    /// <summary>Which thread of the host does the turns: a higher number after each <see cref="Relieve"/>.</summary>
    public int Shift => Volatile.Read(ref shift);

    /// <summary>Called on each new thread of the host before its first turn; null for nothing.</summary>
    public Action? AtStart { get; set; }

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
    /// Does <paramref name="work"/> between two messages and whenever the signal was given, until <see
    /// cref="StopLooking"/> or until it meets a bug. From this thread; one caller at a time.
    /// </summary>
    public void LookBetweenMessages(ThreadWork work) => look = work;

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
    /// Another thread of the host does the turns from now on: the one that did them hangs in a system call. When its
    /// call returns, it ends. From any thread.
    /// </summary>
    public void Relieve()
    {
        lock (gate)
        {
            if (!isRunning)
                return;
            shift++;
            isFresh = true;
            Standing = new ThreadStanding();
            host.Start(this);
        }
    }

    /// <summary>
    /// Disposes something on another thread, because that may hang; here where others share the thread.
    /// </summary>
    public static void DisposeElsewhere(IDisposable resource)
    {
        if (current is not { } own)
        {
            resource.Dispose();
            return;
        }

        WorkThread other = new(own.host);
        other.Add(new ThreadWork(resource.Dispose));
        other.ShutDown();
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
        int own = Shift;
        try
        {
            if (isFresh)
                Begin();
            if (look is { } looking && !looking.TryRun())
                look = null;
            // The look has hung, and another thread does the turns.
            if (own != Shift)
                return true;
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
    /// starts it again. Also true for a thread of the host that was relieved.
    /// </summary>
    /// <param name="ofShift">The caller's <see cref="Shift"/>; null for the present one.</param>
    public bool TryEnd(int? ofShift = null)
    {
        if (ofShift is { } asked && asked != Shift)
            return true;
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

    private void Begin()
    {
        isFresh = false;
        AtStart?.Invoke();
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
