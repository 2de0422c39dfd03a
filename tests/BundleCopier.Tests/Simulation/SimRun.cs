using BundleCopier.Model;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Runs the whole engine on a simulated kernel to its end, on the thread of the test.</summary>
internal sealed class SimRun
{
    private const int MaxSteps = 200_000;
    private const int IdleMs = 10;
    private const int MaxIdleTurns = 10_000;
    private const int MaxThrown = 3;

    // A run takes milliseconds. One that takes this long has a step that does not end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    [ThreadStatic]
    private static SimKernel? last;

    // The engine keeps what its actors throw to itself.
    [ThreadStatic]
    private static List<Exception>? thrown;

    static SimRun() => AppDomain.CurrentDomain.FirstChanceException += static (_, e) =>
    {
        if (thrown is { Count: < MaxThrown } all && !all.Contains(e.Exception))
            all.Add(e.Exception);
    };

    private SimRun(SimCase subject, CopyResult result, int steps)
    {
        Case = subject;
        Result = result;
        Steps = steps;
    }

    /// <summary>
    /// What this thread's last run did at its end, for the message of a failed test; empty without a run.
    /// </summary>
    public static string LastEvents() => last is null ? ""
        : $"The last events before it:\n{last.Events()}The first exceptions:\n{string.Join('\n', thrown ?? [])}\n";

    public SimCase Case { get; }

    public SimKernel Kernel => Case.Kernel;

    public CopyResult Result { get; }

    public int Steps { get; }

    public CopyResult.Committed Committed => Assert.IsType<CopyResult.Committed>(Result);

    public CopyResult.Refused Refused => Assert.IsType<CopyResult.Refused>(Result);

    /// <summary>Runs a case.</summary>
    /// <param name="subject">The case.</param>
    /// <param name="cancelAt">The step before which the copy is cancelled; none when negative.</param>
    public static SimRun Of(SimCase subject, int cancelAt = -1)
    {
        (last, thrown) = (subject.Kernel, []);
        // A process whose run has not ended is not used again.
        SimProcess process = SimProcess.Take();
        SimRun run;
        using (new Timer(_ => EndProcess(subject), null, Patience, Timeout.InfiniteTimeSpan))
            run = Run(process, subject, cancelAt < 0 ? subject.CancelAt : cancelAt);
        process.GiveBack();
        return run;
    }

    private static SimRun Run(SimProcess process, SimCase subject, int cancelAt)
    {
        SeededThreads threads = process.Threads;
        process.Kernel.Current = subject.Seam;
        threads.Reseed(subject.Seed, canHang: subject.Kernel.Hang is not null);
        foreach (SimSource source in subject.Kernel.Sources.Values)
            source.Begin();
        using CancellationTokenSource stop = new();
        Task<CopyResult> copy = process.Engine.CopyAsync(subject.Manifest, subject.Settings, stop: stop.Token);
        int steps = 0;
        int idleTurns = 0;
        long nowMs = subject.Kernel.MonotonicMs;
        // Goes on after the result, until all actors have stopped.
        while (true)
        {
            if (steps == cancelAt)
                stop.Cancel();
            if (subject.Kernel.Hang is { } hang)
            {
                hang.Look(subject.Kernel.MonotonicMs);
                if (threads.HasHung && !hang.IsFrozen)
                    threads.Resume();
            }

            if (threads.Step())
                Assert.True(++steps < MaxSteps, "It is still running after all these steps.");
            else if (copy.IsCompleted && threads.HasHung)
                subject.Kernel.Hang!.Thaw(); // late, after the end of the copy
            else if (copy.IsCompleted || ++idleTurns > MaxIdleTurns)
                break;
            else
                subject.Kernel.Idle(IdleMs); // all actors wait for a timer
            // Timers use the simulated clock, so they fire at the same place in every run.
            long elapsedMs = subject.Kernel.MonotonicMs - nowMs;
            nowMs += elapsedMs;
            if (elapsedMs > 0)
                process.Timers.Advance(TimeSpan.FromMilliseconds(elapsedMs));
        }

        threads.EndIdle();
        Assert.True(copy.IsCompleted, $"All threads are idle after step {steps}, and the copy is not over.");
        subject.Kernel.DoAllLater();
        subject.Kernel.Crashes.End(
            copy.Result is CopyResult.Committed committed && PathText.Name(committed.Path) == SimCase.Bundle);
        return new SimRun(subject, copy.Result, steps);
    }

    // Nothing can stop a thread that loops. The test host ends, and its last words name the seed.
    private static void EndProcess(SimCase subject) => Environment.FailFast(
        $"The simulated run with seed {subject.Seed} has not ended after {Patience.TotalSeconds} s. "
        + $"The last events before it:\n{subject.Kernel.Events()}");
}
