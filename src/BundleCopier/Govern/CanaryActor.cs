using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Native;
using static BundleCopier.Govern.GovernProtocol;

namespace BundleCopier.Govern;

/// <summary>
/// The canary's thread. It reports after each probe and is never asked: the receipt must not wait for a probe that
/// hangs. It probes outside of its mailbox, so that it can be stopped while a probe hangs.
/// </summary>
internal sealed class CanaryActor(IKernel kernel, string destination, CallWatch watch) : UntypedActor, IWithTimers
{
    private readonly Canary canary = new(kernel, destination);
    private IActorRef self = ActorRefs.Nobody;
    private IActorRef parent = ActorRefs.Nobody;
    private WorkThread? thread;
    private ThreadWork? work;
    private bool isStopped;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        watch.Attach(Self);
        (self, parent, thread, work) = (Self, Context.Parent, WorkThread.Current, new ThreadWork(Probe, Self));
        Self.Tell(Tick.Instance);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick when thread is null:
                Probe();
                break;
            case Tick:
                thread.Add(work!);
                break;
            case WorkFailed failed:
                failed.Throw();
                break;
            default:
                // A probe that hangs is waited for no longer, and is the last one.
                if (message is not (CallHangs or CallReturned))
                    Unhandled(message);
                break;
        }
    }

    // To close the file of a probe may hang like the probe.
    protected override void PostStop()
    {
        isStopped = true;
        if (!watch.TryLeave(canary))
            WorkThread.DisposeElsewhere(canary);
    }

    private void Probe()
    {
        if (isStopped)
            return;
        bool wasReady = canary.IsReady;
        if (!watch.TryCall(null, destination, canary, ProbeWith, out object answer))
            return;
        (answer as WorkFailed)?.Throw();
        if (canary.IsReady)
            parent.Tell(new CanaryRead(canary.Report()), self);
        if (canary.IsReady && !wasReady)
            parent.Tell(CanaryReady.Instance, self);
        Timers.StartSingleTimer(nameof(Tick), Tick.Instance, TimeSpan.FromMilliseconds(canary.DelayMs));
    }

    private static object ProbeWith(Canary canary)
    {
        canary.Probe();
        return CallWatch.Nothing;
    }
}
