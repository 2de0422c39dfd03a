using Akka.Configuration;
using Akka.Dispatch;

namespace BundleCopier.Supervise;

/// <summary>
/// Gives an actor a thread of its own that sleeps when there is nothing to do. Akka's PinnedDispatcher and the thread pool
/// spin for a while first, in the hope of more: on two cores that took a quarter of a copy's CPU time, from the neighbours.
/// </summary>
internal sealed class OwnThreadDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
{
    private readonly Queue<IRunnable> waiting = new();
    private bool hasThread;
    private bool isShutDown;

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
        // A thread that waits for a disk must not keep a process from ending.
        new Thread(Work) { IsBackground = true, Name = Id }.Start();
        hasThread = true;
    }

    private void Work()
    {
        while (Next() is { } run)
            run.Run();
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
    public override MessageDispatcher Dispatcher() => new OwnThreadDispatcher(this);
}
