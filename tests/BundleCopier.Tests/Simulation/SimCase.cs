using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Settings;

namespace BundleCopier.Tests.Simulation;

/// <summary>One world and one wish: everything a run needs, drawn from a seed or put together by hand.</summary>
internal sealed class SimCase(int seed)
{
    public const string Bundle = "crash-1";

    private readonly List<ManifestFile> wishes = [];

    public int Seed => seed;

    public SimFaults Faults { get; } = new(seed);

    public SimKernel Kernel =>
        field ??= new SimKernel(
        Faults)
        { DestinationIo = Io, OverlapsWrites = seed % 4 != 3, TellsWritten = seed % 5 != 4 };

    public OutputIo Io { get; init; } = OutputIo.Direct;

    public CopySettings Settings { get; set; } = new() { BudgetBytes = 4 << 20 };

    public BundleManifest Manifest =>
        BundleManifest.Create(
            Bundle, wishes, SimKernel.DestinationPath, new Dictionary<string, string> { ["host"] = "node17" }).Value!;

    public IReadOnlyList<ManifestFile> Wishes => wishes;

    public SimCase Wish(ManifestFile wish)
    {
        wishes.Add(wish);
        return this;
    }

    /// <summary>A file and the wish for it.</summary>
    public SimSource AddFile(string name, SimPages pages)
    {
        SimSource source = new($"/dev/shm/{name}", pages);
        Kernel.Add(source);
        Wish(new ManifestFile(source.Path));
        return source;
    }
}
