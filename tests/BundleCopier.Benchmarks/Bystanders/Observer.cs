using System.Diagnostics;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>Runs a copy in full memory with neighbours beside it. While it runs, this program sleeps but for its look at the memory.</summary>
public sealed class Observer(Workplace place, Meter meter, Rounds rounds, Filling filling, FillPlan plan)
{
    // Beyond what the rounds give the disk to settle: a neighbour still felt the discards of the copy before.
    private const int SettleMs = 1500;

    /// <summary>How long the neighbours are alone before a copy, and after it.</summary>
    public const int AloneMs = 1000;

    /// <summary>One copy. Nothing of it is left when this returns.</summary>
    public BystanderRun Run(Way way, string source, long bytes)
    {
        filling.Adjust();
        BystanderRun? run = null;
        rounds.RunOnce(way, source, bytes, command =>
        {
            (Measurement measured, run) = Observe(command);
            return measured;
        });
        return run!;
    }

    private (Measurement Measured, BystanderRun Run) Observe(Command command)
    {
        // What this program left behind is not to be cleared away while others are measured.
        GC.Collect();
        Thread.Sleep(SettleMs);
        using Neighbours neighbours = new(place);
        Thread.Sleep(AloneMs);
        using MemoryWatch watch = new(plan.FloorBytes / 2, filling.GiveBackAll);
        long start = NowUs();
        Measurement measured = meter.Run(command);
        long end = NowUs();
        IReadOnlyList<MemoryState> states = watch.End();
        if (watch.HasStarved)
            throw new MeasurementException("memory ran so short that what filled it was given back");
        Thread.Sleep(AloneMs);
        return (measured, new BystanderRun(start, end, measured.Seconds, MemoryUse.Of(states), neighbours.End()));
    }

    // Stopwatch is CLOCK_MONOTONIC on Linux.
    private static long NowUs() => (long)(Stopwatch.GetTimestamp() * 1e6 / Stopwatch.Frequency);
}
