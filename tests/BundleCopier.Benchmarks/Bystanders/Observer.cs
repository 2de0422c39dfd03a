using System.Diagnostics;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>
/// Runs a copy in filled memory with neighbours beside it. Meanwhile this program only reads the state of the memory.
/// </summary>
public sealed class Observer(Workplace place, Meter meter, Rounds rounds, Filling filling, FillPlan plan)
{
    // In addition to the rest in Rounds: neighbours still felt the discards of the copy before.
    private const int SettleMs = 1500;

    /// <summary>The time that the neighbours run without a copy before and after it.</summary>
    public const int AloneMs = 1000;

    /// <summary>Runs one copy and removes its output.</summary>
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
        // Collect garbage now, not while something is measured.
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

    // Stopwatch uses CLOCK_MONOTONIC on Linux.
    private static long NowUs() => (long)(Stopwatch.GetTimestamp() * 1e6 / Stopwatch.Frequency);
}
