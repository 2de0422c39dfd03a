using System.Collections.Concurrent;
using Akka.Configuration;
using Akka.Dispatch;
using BundleCopier.Native;

namespace BundleCopier.Supervise;

/// <summary>
/// Gives an actor a thread of its own that sleeps when there is nothing to do. Akka's PinnedDispatcher and the thread pool
/// spin for a while first, in the hope of more: on two cores that took a quarter of a copy's CPU time, from the neighbours.
/// </summary>
internal sealed class OwnThreadDispatcher : MessageDispatcher
{
    // What "top -H" shows; the kernel keeps 15 bytes of it.
    private const string ThreadName = "bundle-copier";

    [ThreadStatic]
    private static bool isOwn;

    private readonly ConcurrentQueue<IRunnable> waiting = new();
    private readonly ThreadSignal signal = new();
    private readonly Lock gate = new();
    private volatile bool hasThread;
    private volatile bool isShutDown;

    public OwnThreadDispatcher(MessageDispatcherConfigurator configurator, int throughput)
        : base(configurator) => Throughput = throughput;

    /// <summary>The calling thread belongs to one actor, and ends with it.</summary>
    public static bool IsOwnThread => isOwn;

    protected override void ExecuteTask(IRunnable run)
    {
        isShutDown = false;
        waiting.Enqueue(run);
        // A thread that is about to end looks once more after it has said so: one of the two sees the other.
        Interlocked.MemoryBarrier();
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
        isOwn = true;
        Work();
    }

    private void Work()
    {
        do
        {
            while (waiting.TryDequeue(out IRunnable? run))
                Run(run);
            if (!isShutDown)
                signal.Wait();
        }
        while (!waiting.IsEmpty || !isShutDown || !HasEnded());
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
            return !hasThread;
        }
    }
}

/// <summary>Makes an <see cref="OwnThreadDispatcher"/> for each actor; <c>bundle-copier.io-dispatcher.type</c> names it.</summary>
internal sealed class OwnThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    private readonly int throughput = config.GetInt("throughput", 1);

    public override MessageDispatcher Dispatcher() => new OwnThreadDispatcher(this, throughput);
}
