using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Native;
using static BundleCopier.Govern.GovernProtocol;

namespace BundleCopier.Govern;

/// <summary>
/// Looks at the machine and at the copy's own writes ten times a second, and sets the limits on the board. On a
/// thread of its own: reading takes some 20 µs where all is well (measured), and much longer on the machines that the
/// governor looks for.
/// </summary>
internal sealed class GovernorActor(IKernel kernel, Governor core, IoBoard board, WorkerThreads threads)
    : UntypedActor, IWithTimers
{
    public const int IntervalMs = 100;

    private HostReading last;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        last = kernel.ReadHost();
        WaitForNext();
    }

    protected override void OnReceive(object message)
    {
        if (message is not Tick)
        {
            Unhandled(message);
            return;
        }

        HostReading now = kernel.ReadHost();
        Context.Parent.Tell(new HostRead(now, kernel.PageTableBytes()));
        if (core.Observe(new GovernorTick(board.Stats.Take(kernel.MonotonicUs), threads.Take(), last, now)))
        {
            threads.StepBack = core.Limits.IsLowered;
            board.Set(core.Limits);
            Context.Parent.Tell(new LimitsChanged(core.Tally.Figures));
        }

        last = now;
        WaitForNext();
    }

    // One at a time, not periodically: after a reading that took long, ten more must not wait.
    private void WaitForNext() =>
        Timers.StartSingleTimer(nameof(Tick), Tick.Instance, TimeSpan.FromMilliseconds(IntervalMs));
}
