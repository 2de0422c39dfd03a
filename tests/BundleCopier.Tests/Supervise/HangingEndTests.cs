using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Supervise;

/// <summary>What hangs beside the calls of the copy itself, on real threads.</summary>
[Trait("Speed", "slow")]
public sealed class HangingEndTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory]
    // Closes the directory of the last source. Only the scout does it, and its name is not always in the stack: the
    // compiler makes a jump of a last call.
    [InlineData(nameof(IKernel.Rest), "")]
    [InlineData(nameof(IKernel.ReadHost), "GovernorActor")]
    public async Task A_result_does_not_wait_for_a_call_that_hangs_beside_the_copy(string call, string caller)
    {
        (IMemoryKernel kernel, StuckKernel control) = StuckKernel.Of(call, caller);
        using ActorSystem system = Start();
        Task<CopyResult> copy = Copy(system, kernel, megabytes: 2);
        Assert.IsType<CopyResult.Committed>(await copy.WaitAsync(Patience));
        await control.Reached.WaitAsync(Patience);
        control.Thaw();
        await system.Terminate().WaitAsync(Patience);
    }

    [KernelTheory(Needs.DirectWrites)]
    [InlineData(0)]
    [InlineData(9)]
    public async Task Writes_that_never_end_end_the_copy_also_without_a_governor_and_in_a_crew_that_is_recalled(
        int failingRead)
    {
        (IMemoryKernel kernel, StuckKernel control) = StuckKernel.Of(
            nameof(IKernel.ReadHost), "GovernorActor", failingRead);
        control.KeepsWrites = true;
        using ActorSystem system = Start();
        Task<CopyResult> copy = Copy(system, kernel, megabytes: 5);
        CopyResult.Refused refused = Assert.IsType<CopyResult.Refused>(await copy.WaitAsync(Patience));
        Assert.Equal(RefusalKind.DestinationHung, refused.Refusal.Kind);
        control.Thaw();
        await system.Terminate().WaitAsync(Patience);
    }

    private static ActorSystem Start() => ActorSystem.Create(
        "host", ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(ReferenceConfig.Value));

    private Task<CopyResult> Copy(ActorSystem system, IMemoryKernel kernel, int megabytes)
    {
        string heap = SourceFile.Dense(place.Source("heap"), megabytes << 20);
        BundleManifest manifest = BundleManifest.Create("b", [new ManifestFile(heap)], place.Destination).Value!;
        CopyEngine engine = new(
            system, kernel, ReferenceConfig.IoDispatcherPath, Akka.Dispatch.Dispatchers.DefaultDispatcherId);
        return engine.CopyAsync(manifest, new CopySettings { StallTimeout = TimeSpan.FromSeconds(1) });
    }
}
