using Akka.Configuration;
using Akka.Dispatch;

namespace BundleCopier.Actors;

/// <summary>
/// Makes one dispatcher whose actors all share one thread. The program runs Akka's own actors on it instead of the
/// .NET thread pool: the pool needs four to six threads, and the runtime aborts or hangs where it does not get them.
/// </summary>
internal sealed class OneThreadDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly Lazy<OwnThreadDispatcher> dispatcher;

    public OneThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) =>
        dispatcher = new Lazy<OwnThreadDispatcher>(
            () => new OwnThreadDispatcher(this, config.GetInt("throughput", 1)));

    public override MessageDispatcher Dispatcher() => dispatcher.Value;
}
