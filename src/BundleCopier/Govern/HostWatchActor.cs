using Akka.Actor;
using BundleCopier.Native;
using static BundleCopier.Govern.GovernProtocol;

namespace BundleCopier.Govern;

/// <summary>
/// Looks at the machine while a copy runs. On a thread of its own: reading takes some 20 µs where all is well (measured), but what it looks for
/// is a machine where nothing is, and the supervisor must hand out segments there too.
/// </summary>
internal sealed class HostWatchActor(IKernel kernel) : UntypedActor, IWithTimers
{
    public const int IntervalMs = 100;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => WaitForNext();

    protected override void OnReceive(object message)
    {
        if (message is not Tick)
        {
            Unhandled(message);
            return;
        }

        Context.Parent.Tell(new HostRead(kernel.ReadHost(), kernel.PageTableBytes()));
        WaitForNext();
    }

    // One at a time, not periodically: a reading that takes long must not find ten more waiting.
    private void WaitForNext() => Timers.StartSingleTimer(nameof(Tick), Tick.Instance, TimeSpan.FromMilliseconds(IntervalMs));
}
