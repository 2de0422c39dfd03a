using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using BundleCopier.Settings;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A simulated process: an actor system with an engine, on simulated threads. It serves one run at a time, and many
/// runs one after the other, because starting an actor system takes longer than most runs.
/// </summary>
internal sealed class SimProcess
{
    private const string PoolId = "seeded-pool";
    private const string ThreadsId = "seeded-threads";

    private static readonly ConcurrentBag<SimProcess> Idle = [];
    private static int made;

    private SimProcess(int number)
    {
        Threads = SeededThreads.Of(number);
        ActorSystem system = ActorSystem.Create($"simulation-{number}", ConfigurationFactory.ParseString(
            $$"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            akka.scheduler.implementation = "{{typeof(TestScheduler).AssemblyQualifiedName}}"
            {{PoolId}} {
              type = "{{typeof(SeededDispatcherConfigurator).AssemblyQualifiedName}}", throughput = 1
              process = {{number}}
            }
            {{ThreadsId}} {
              type = "{{typeof(SeededThreadsConfigurator).AssemblyQualifiedName}}", throughput = 1
              process = {{number}}
            }
            """));
        Engine = new CopyEngine(
            system, Kernel, ThreadsId, PoolId, new EngineSettings { MaxConcurrentCopies = EngineSettings.MaxCopies });
        Timers = (TestScheduler)system.Scheduler;
        // The guardian of the system starts the engine's root on its own thread. After that everything runs on
        // simulated threads.
        SpinWait.SpinUntil(Threads.Step);
    }

    public CopyEngine Engine { get; }

    public SwitchedKernel Kernel { get; } = new();

    public SeededThreads Threads { get; }

    public TestScheduler Timers { get; }

    /// <summary>Takes a process that is idle. From any thread.</summary>
    public static SimProcess Take() =>
        Idle.TryTake(out SimProcess? idle) ? idle : new SimProcess(Interlocked.Increment(ref made));

    /// <summary>The run has ended, so another one can have the process.</summary>
    public void GiveBack() => Idle.Add(this);
}
