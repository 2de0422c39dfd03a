using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Actors;
using BundleCopier.Faults;

namespace BundleCopier.Supervise;

/// <summary>
/// The parent of every copy in an actor system. It is here so that a supervisor that fails is stopped: the system's own
/// guardian would start it again, and with it the copy.
/// </summary>
/// <param name="whenStopped">Called when this actor and all copies below it have stopped.</param>
internal sealed class CopyRootActor(Action whenStopped) : UntypedActor
{
    public sealed record StartCopy(CopyJob Job, CopyMemory Memory);

    private sealed record CopyStopped(StartCopy Copy);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartCopy start:
                Start(start);
                break;
            case CopyStopped stopped:
                CleanUp(stopped.Copy);
                break;
            case SupervisorProtocol.DescribeState:
                foreach (IActorRef supervisor in Context.GetChildren())
                    supervisor.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => whenStopped();

    private static void Start(StartCopy start)
    {
        Props props = Produced<SupervisorActor>.By(() => new SupervisorActor(start.Job, start.Memory))
            .WithDispatcher(start.Job.IoDispatcher);
        try
        {
            Context.WatchWith(Context.ActorOf(props), new CopyStopped(start));
        }
        catch (ConfigurationException)
        {
            // Akka looks a dispatcher up only when an actor needs it.
            CleanUp(start);
        }
    }

    /// <summary>A supervisor that could not start has reported nothing and returned no memory.</summary>
    private static void CleanUp(StartCopy copy)
    {
        if (copy.Job.Result.Task.IsCompleted)
            return;
        copy.Memory.GiveBack();
        copy.Job.Result.TrySetResult(new CopyResult.Refused(new Refusal(
            RefusalKind.Internal,
            "",
            "The copy could not be started, and nothing was written. "
                + "Check bundle-copier.io-dispatcher in the configuration; the log says more.")));
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);
}
