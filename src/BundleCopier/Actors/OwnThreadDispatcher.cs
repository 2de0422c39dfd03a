using System.Collections.Concurrent;
using Akka.Configuration;
using Akka.Dispatch;
using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// Gives an actor, or a few that work hand in hand, a thread of its own that sleeps when there is nothing to do. Akka's PinnedDispatcher and the thread pool
/// spin for a while first, in the hope of more: on two cores that took a quarter of a copy's CPU time, from the neighbours.
/// </summary>
internal sealed class OwnThreadDispatcher : MessageDispatcher
{
    // What "top -H" shows; the kernel keeps 15 bytes of it.
    private const string ThreadName = "bundle-copier";

    // Turns of others that are taken in a row.
    private const int MaxTurns = 8;

    [ThreadStatic]
    private static OwnThreadDispatcher? current;

    private readonly ConcurrentQueue<IRunnable> waiting = new();
    private readonly ThreadSignal signal = new();
    private readonly Lock gate = new();
    private readonly List<Action> attended = [];
    private readonly Stack<IDisposable> leftovers = new();
    private readonly Queue<OwnThreadDispatcher> due = new(); // each with a turn that is for this thread to take
    private volatile bool areTurnsLent;
    private volatile bool hasThread;
    private volatile bool isShutDown;

    public OwnThreadDispatcher(MessageDispatcherConfigurator configurator, int throughput)
        : base(configurator) => Throughput = throughput;

    /// <summary>Whose thread the calling one is; null for one that others share.</summary>
    public static OwnThreadDispatcher? Current => current;

    /// <summary>The calling thread belongs to one actor, or to some that were put together, and ends with them.</summary>
    public static bool IsOwnThread => current is not null;

    /// <summary>Wakes this thread.</summary>
    public ThreadSignal Signal => signal;

    /// <summary>This thread takes the turns that others lend, where they are due because of what it has sent.</summary>
    public bool TakesTurns { get; init; }

    /// <summary>
    /// A turn that is due because of a message from a thread that <see cref="TakesTurns"/> is taken by that thread, when it has
    /// done what it is doing. For actors whose turns are short and never wait: nobody has to be woken for them. A turn that is due already stays whose it is.
    /// </summary>
    public bool LendsTurns
    {
        get => areTurnsLent;
        set => areTurnsLent = value;
    }

    /// <summary>
    /// Has something looked after from this thread, between messages and whenever its signal was given; from this thread.
    /// </summary>
    public void Attend(Action look) => attended.Add(look);

    /// <summary>Has it looked after no longer; from this thread.</summary>
    public void Leave(Action look) => attended.Remove(look);

    /// <summary>
    /// Has something given back from the calling thread when it has nothing else to do: what takes long, and nobody waits for. At once where
    /// the thread is not its own.
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
    /// In the middle of something long, looks after what else is to be looked after from the calling thread; nothing where it is not its own.
    /// </summary>
    public static void Breathe()
    {
        if (current is not { } own)
            return;
        own.TakeDueTurns();
        own.LookAfter();
        own.TakeDueTurns();
    }

    protected override void ExecuteTask(IRunnable run)
    {
        isShutDown = false;
        waiting.Enqueue(run);
        // A thread that is about to end looks once more after it has said so: one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (areTurnsLent && current is { TakesTurns: true } sender)
        {
            sender.due.Enqueue(this);
            return;
        }

        if (!hasThread)
            StartAnother();
        signal.Give();
    }

    protected override void Shutdown()
    {
        isShutDown = true;
        signal.Give();
    }

    private void StartAnother()
    {
        lock (gate)
        {
            if (!hasThread && !waiting.IsEmpty)
                Start();
        }
    }

    private void Start()
    {
        hasThread = true;
        // A thread that waits for a disk must not keep a process from ending.
        Thread thread = new(WorkAlone) { IsBackground = true, Name = ThreadName };
        try
        {
            thread.UnsafeStart();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // No more threads may be had (TasksMax, RLIMIT_NPROC, memory). The actor is registered by now, and one that is
            // never run could not even be stopped.
            ThreadPool.UnsafeQueueUserWorkItem(static own => own.Work(), this, preferLocal: false);
        }
    }

    private void WorkAlone()
    {
        current = this;
        Work();
    }

    private void Work()
    {
        do
        {
            LookAfter();
            TakeDueTurns();
            while (waiting.TryDequeue(out IRunnable? run))
            {
                Run(run);
                TakeDueTurns();
                LookAfter();
                TakeDueTurns();
            }

            if (leftovers.TryPop(out IDisposable? leftover))
                leftover.Dispose();
            else if (!MayEnd)
                signal.Wait();
        }
        while (!waiting.IsEmpty || !MayEnd || !HasEnded());
    }

    // None stays due: what this thread does next may take long (a source on a network that hangs). And only some: who has many messages
    // is not to keep this thread from its own.
    private void TakeDueTurns()
    {
        for (int left = MaxTurns; left > 0 && due.TryDequeue(out OwnThreadDispatcher? lender); left--)
        {
            // Its own thread may have been there first.
            if (lender.waiting.TryDequeue(out IRunnable? run))
                Run(run);
        }

        while (due.TryDequeue(out OwnThreadDispatcher? lender))
            lender.signal.Give();
    }

    // A late word of the end of those who were here before is not for who has come since, and is waiting for the kernel alone.
    private bool MayEnd => isShutDown && attended.Count == 0 && leftovers.Count == 0 && due.Count == 0;

    // By index: what is looked after may be what ends it.
    private void LookAfter()
    {
        for (int i = attended.Count - 1; i >= 0; i--)
            attended[i]();
    }

    private void Run(IRunnable run)
    {
        try
        {
            run.Run();
        }
        catch (Exception e)
        {
            // An actor's own failures never come this far; on a thread of ours nobody else would catch the rest.
            ReportFailure(e);
        }
    }

    private bool HasEnded()
    {
        lock (gate)
        {
            hasThread = false;
            Interlocked.MemoryBarrier();
            hasThread = !waiting.IsEmpty;
            if (!hasThread)
                signal.StopListening();
            return !hasThread;
        }
    }
}

/// <summary>
/// Makes an <see cref="OwnThreadDispatcher"/> for each actor, or for those of a <see cref="SharedThread"/>; <c>bundle-copier.io-dispatcher.type</c>
/// names it.
/// </summary>
internal sealed class OwnThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    private readonly int throughput = config.GetInt("throughput", 1);

    public override MessageDispatcher Dispatcher() => SharedThread.TakeOr(isShared => new OwnThreadDispatcher(this, throughput) { TakesTurns = isShared });
}
