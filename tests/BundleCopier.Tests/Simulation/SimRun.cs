using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Runs the whole engine on a simulated kernel to its end, on the thread of the test.</summary>
internal sealed class SimRun
{
    private const string PoolId = "seeded-pool";
    private const string ThreadsId = "seeded-threads";
    private const int MaxSteps = 200_000;
    private const int IdleMs = 10;
    private const int MaxIdleTurns = 1_000;

    // One actor system for all cases, because starting one takes longer than most cases. Tests that use it are in one
    // collection, which runs one test at a time.
    private static readonly Lazy<(CopyEngine Engine, SwitchedKernel Kernel, TestScheduler Timers)> Shared = new(() =>
    {
        ActorSystem system = ActorSystem.Create("simulation", ConfigurationFactory.ParseString(
            $$"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            akka.scheduler.implementation = "{{typeof(TestScheduler).AssemblyQualifiedName}}"
            {{PoolId}} { type = "{{typeof(SeededDispatcherConfigurator).AssemblyQualifiedName}}", throughput = 1 }
            {{ThreadsId}} { type = "{{typeof(SeededThreadsConfigurator).AssemblyQualifiedName}}", throughput = 1 }
            """));
        SwitchedKernel kernel = new();
        CopyEngine engine = new(system, kernel, ThreadsId, PoolId);
        // The guardian of the system starts the engine's root on its own thread. After that everything runs on
        // simulated threads.
        SpinWait.SpinUntil(SeededThreads.Instance.Step);
        return (engine, kernel, (TestScheduler)system.Scheduler);
    });

    private SimRun(SimCase subject, CopyResult result, int steps)
    {
        Case = subject;
        Result = result;
        Steps = steps;
    }

    private static SimKernel? last;

    /// <summary>The last events of the last run, for the message of a failed test; empty without a run.</summary>
    public static string LastEvents() => last is null ? "" : "The last events before it:\n" + last.Events();

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
        (CopyEngine engine, SwitchedKernel kernel, TestScheduler timers) = Shared.Value;
        SeededThreads threads = SeededThreads.Instance;
        kernel.Current = last = subject.Kernel;
        threads.Reseed(subject.Seed);
        foreach (SimSource source in subject.Kernel.Sources.Values)
            source.Begin();
        using CancellationTokenSource stop = new();
        Task<CopyResult> copy = engine.CopyAsync(subject.Manifest, subject.Settings, stop: stop.Token);
        int steps = 0;
        int idleTurns = 0;
        long nowMs = subject.Kernel.MonotonicMs;
        // Goes on after the result, until all actors have stopped.
        while (true)
        {
            if (steps == cancelAt)
                stop.Cancel();
            if (threads.Step())
                Assert.True(++steps < MaxSteps, "It is still running after all these steps.");
            else if (copy.IsCompleted || ++idleTurns > MaxIdleTurns)
                break;
            else
                subject.Kernel.Idle(IdleMs); // all actors wait for a timer
            // Timers use the simulated clock, so they fire at the same place in every run.
            long elapsedMs = subject.Kernel.MonotonicMs - nowMs;
            nowMs += elapsedMs;
            if (elapsedMs > 0)
                timers.Advance(TimeSpan.FromMilliseconds(elapsedMs));
        }

        threads.EndIdle();
        Assert.True(copy.IsCompleted, $"All threads are idle after step {steps}, and the copy is not over.");
        return new SimRun(subject, copy.Result, steps);
    }

}

/// <summary>Tests that share the simulation's actor system and so run one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class SimulationCollection
{
    public const string Name = "Simulation";
}
