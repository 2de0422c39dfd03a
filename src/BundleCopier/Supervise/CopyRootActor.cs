using Akka.Actor;
using BundleCopier.Compress;
using BundleCopier.Memory;

namespace BundleCopier.Supervise;

/// <summary>
/// The parent of every copy in an actor system. It is here so that a supervisor that fails is stopped: the system's own
/// guardian would start it again, and with it the copy.
/// </summary>
internal sealed class CopyRootActor : UntypedActor
{
    public sealed record StartCopy(CopyJob Job, SlabPool Pool, ZeroTape? Zeros);

    protected override void OnReceive(object message)
    {
        if (message is StartCopy start)
            Context.ActorOf(Produced<SupervisorActor>.By(() => new SupervisorActor(start.Job, start.Pool, start.Zeros)).WithDispatcher(start.Job.FlowDispatcher));
        else
            Unhandled(message);
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);
}
