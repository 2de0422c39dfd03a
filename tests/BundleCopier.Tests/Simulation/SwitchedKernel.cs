using BundleCopier.Native;

namespace BundleCopier.Tests.Simulation;

/// <summary>Lets one engine use one simulated kernel after the other.</summary>
internal sealed class SwitchedKernel : ForwardingKernel
{
    public override IMemoryKernel Current { get; set; } = null!;
}
