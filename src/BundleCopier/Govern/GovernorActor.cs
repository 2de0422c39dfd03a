using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Native;
using static BundleCopier.Govern.GovernProtocol;

namespace BundleCopier.Govern;

/// <summary>
/// Looks at the machine while a copy runs, asks the supervisor what its writes were like, and tells it how to turn the dials. On a thread
/// of its own: reading takes some 20 µs where all is well (measured), but what it looks for is a machine where nothing is, and the supervisor must
/// hand out segments there too.
/// </summary>
internal sealed class GovernorActor(IKernel kernel, Governor core, WorkerThreads threads) : UntypedActor, IWithTimers
{
    public const int IntervalMs = 100;

    private HostReading before;
    private HostReading now;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        now = kernel.ReadHost();
        WaitForNext();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                (before, now) = (now, kernel.ReadHost());
                Context.Parent.Tell(new HostRead(now, kernel.PageTableBytes()));
                WaitForNext();
                break;
            case WritesSeen seen:
                if (core.Observe(new GovernorTick(seen.ElapsedUs, seen.Count, seen.MedianUs, seen.WrittenBytes, threads.Take(), before, now)))
                {
                    threads.StepBack = core.IoLimits.IsLowered;
                    Context.Parent.Tell(new DialsTurned(core.IoLimits, core.Tally.Figures));
                }

                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // One at a time, not periodically: a reading that takes long must not find ten more waiting.
    private void WaitForNext() => Timers.StartSingleTimer(nameof(Tick), Tick.Instance, TimeSpan.FromMilliseconds(IntervalMs));
}
