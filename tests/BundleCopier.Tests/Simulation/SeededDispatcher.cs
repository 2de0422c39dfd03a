using Akka.Configuration;
using Akka.Dispatch;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A dispatcher without threads: mailboxes with something in them wait here until a test runs them, one message at a time,
/// in an order drawn from a seed. The same seed gives the same run.
/// </summary>
public sealed class SeededDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
{
    private readonly List<IRunnable> runnable = [];
    private Random random = new(0);

    public void Reseed(int seed) => random = new Random(seed);

    /// <summary>Runs one mailbox; false when none has anything to do.</summary>
    public bool Step()
    {
        IRunnable next;
        lock (runnable)
        {
            if (runnable.Count == 0)
                return false;
            int drawn = random.Next(runnable.Count);
            next = runnable[drawn];
            runnable.RemoveAt(drawn);
        }

        next.Run();
        return true;
    }

    protected override void ExecuteTask(IRunnable run)
    {
        lock (runnable)
            runnable.Add(run);
    }

    protected override void Shutdown()
    {
        // Nothing runs here.
    }
}

/// <summary>Makes the one <see cref="SeededDispatcher"/> of an actor system.</summary>
public sealed class SeededDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly SeededDispatcher dispatcher;

    public SeededDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => dispatcher = new SeededDispatcher(this);

    public override MessageDispatcher Dispatcher() => dispatcher;
}
