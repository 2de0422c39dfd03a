using Akka.Configuration;
using Akka.Dispatch;

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

    private readonly Queue<IRunnable> waiting = new();
    private bool hasThread;
    private bool isShutDown;

    public OwnThreadDispatcher(MessageDispatcherConfigurator configurator, int throughput)
        : base(configurator) => Throughput = throughput;

    /// <summary>The calling thread belongs to one actor, and ends with it.</summary>
    public static bool IsOwnThread => isOwn;

    protected override void ExecuteTask(IRunnable run)
    {
        lock (waiting)
        {
            waiting.Enqueue(run);
            isShutDown = false;
            if (hasThread)
                Monitor.Pulse(waiting);
            else
                Start();
        }
    }

    protected override void Shutdown()
    {
        lock (waiting)
        {
            isShutDown = true;
            Monitor.Pulse(waiting);
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
        while (Next() is { } run)
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
    }

    private IRunnable? Next()
    {
        lock (waiting)
        {
            while (waiting.Count == 0 && !isShutDown)
                Monitor.Wait(waiting);
            hasThread = waiting.Count > 0;
            return hasThread ? waiting.Dequeue() : null;
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
