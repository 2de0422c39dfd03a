using Akka.Actor;
using BundleCopier.Native;
using static BundleCopier.Govern.GovernProtocol;

namespace BundleCopier.Govern;

/// <summary>
/// The canary's thread. It reports after each probe and is never asked: the receipt must not wait for a probe that
/// hangs.
/// </summary>
internal sealed class CanaryActor(IKernel kernel, string destination) : UntypedActor, IWithTimers
{
    private readonly Canary canary = new(kernel, destination);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Self.Tell(Tick.Instance);

    protected override void OnReceive(object message)
    {
        if (message is not Tick)
        {
            Unhandled(message);
            return;
        }

        bool wasReady = canary.IsReady;
        canary.Probe();
        if (canary.IsReady)
            Context.Parent.Tell(new CanaryRead(canary.Report()));
        if (canary.IsReady && !wasReady)
            Context.Parent.Tell(CanaryReady.Instance);
        Timers.StartSingleTimer(nameof(Tick), Tick.Instance, TimeSpan.FromMilliseconds(canary.DelayMs));
    }

    protected override void PostStop() => canary.Dispose();
}
