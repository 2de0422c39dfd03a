using Akka.Configuration;
using Akka.Dispatch;

namespace BundleCopier.Actors;

/// <summary>Gives an actor a thread of its own, or those of a <see cref="SharedThread"/> one thread together.</summary>
internal sealed class OwnThreadDispatcher : MessageDispatcher
{
    private readonly WorkThread thread;

    /// <param name="configurator">Akka's.</param>
    /// <param name="throughput">Messages of one actor that are handled in one turn.</param>
    /// <param name="host">Runs the thread; null for a thread of the operating system.</param>
    public OwnThreadDispatcher(MessageDispatcherConfigurator configurator, int throughput, IThreadHost? host = null)
        : base(configurator)
    {
        Throughput = throughput;
        thread = new WorkThread(host ?? new OwnThreadHost(bug => ReportFailure(bug)));
    }

    protected override void ExecuteTask(IRunnable run) => thread.Add(run);

    protected override void Shutdown() => thread.ShutDown();
}

/// <summary>Makes the dispatchers; <c>bundle-copier.io-dispatcher.type</c> names this type.</summary>
internal sealed class OwnThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    private readonly int throughput = config.GetInt("throughput", 1);

    public override MessageDispatcher Dispatcher() =>
        SharedThread.TakeOr(() => new OwnThreadDispatcher(this, throughput));
}
