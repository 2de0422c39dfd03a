using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Supervise;

/// <summary>An actor system that has ended gives no answer; the engine answers in its place.</summary>
public sealed class EndedSystemTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Like in EngineActorTests: a timer would run on a second thread.
    private static readonly Config Quiet = ConfigurationFactory.ParseString(
        "akka.loglevel = OFF, akka.stdout-loglevel = OFF, "
        + $"akka.scheduler.implementation = \"{typeof(TestScheduler).AssemblyQualifiedName}\"");

    [Fact]
    public async Task A_copy_in_a_system_that_has_ended_fails_at_once_and_takes_no_memory()
    {
        (ActorSystem system, CopyEngine engine, SimCase subject) = Start();
        await system.Terminate();
        Task<CopyResult> copy = engine.CopyAsync(subject.Manifest, subject.Settings);
        Assert.True(copy.IsCompleted);
        await HasFailed(copy, system);
        Assert.Equal(0, subject.Kernel.Calls);
    }

    [Fact]
    public async Task An_engine_in_a_system_that_has_ended_cannot_be_made()
    {
        (ActorSystem system, _, SimCase subject) = Start();
        await system.Terminate();
        Assert.Contains(
            system.Name, Assert.Throws<InvalidOperationException>(() => EngineIn(system, subject))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_that_were_lost_when_the_system_ended_fail_and_free_their_memory()
    {
        (ActorSystem system, CopyEngine engine, SimCase subject) = Start();
        // Its actors stop before the system ends, and messages in between are lost.
        IActorRef root = await system.ActorSelection("/user/*").ResolveOne(Patience);
        Assert.True(await root.GracefulStop(Patience));
        Task<CopyResult>[] copies = [Ask(), Ask()];
        Assert.All(copies, c => Assert.False(c.IsCompleted));
        Assert.NotEqual(0, subject.Kernel.SlabsHeld);
        await system.Terminate();
        foreach (Task<CopyResult> copy in copies)
            await HasFailed(copy, system);
        Assert.Equal(0, subject.Kernel.SlabsHeld);

        Task<CopyResult> Ask() => engine.CopyAsync(subject.Manifest, subject.Settings);
    }

    [Fact]
    public async Task A_finished_copy_keeps_its_result_when_the_system_ends()
    {
        (ActorSystem system, CopyEngine engine, SimCase subject) = Start();
        CopyResult result = await engine.CopyAsync(subject.Manifest, subject.Settings).WaitAsync(Patience);
        Assert.IsType<CopyResult.Committed>(result);
        await system.Terminate();
        Assert.Equal(0, subject.Kernel.SlabsHeld);
        Assert.Empty(subject.Kernel.Violations);
    }

    private static async Task HasFailed(Task<CopyResult> copy, ActorSystem system)
    {
        InvalidOperationException error =
            await Assert.ThrowsAsync<InvalidOperationException>(() => copy.WaitAsync(Patience));
        Assert.Contains($"\"{system.Name}\" has ended", error.Message, StringComparison.Ordinal);
    }

    private static (ActorSystem System, CopyEngine Engine, SimCase Subject) Start()
    {
        ActorSystem system =
            ActorSystem.Create($"ended-{Guid.NewGuid():n}", Quiet.WithFallback(TestKitBase.DefaultConfig));
        SimCase subject = new(1) { Settings = new CopySettings { BudgetBytes = CopySettings.MinBudgetBytes } };
        subject.AddFile("heap", SimContent.Dense(1, 3 << 20));
        return (system, EngineIn(system, subject), subject);
    }

    // All actors on one dispatcher of the calling thread: the simulated kernel is for one thread at a time.
    private static CopyEngine EngineIn(ActorSystem system, SimCase subject) =>
        new(system, subject.Kernel, CallingThreadDispatcher.Id, CallingThreadDispatcher.Id);
}
