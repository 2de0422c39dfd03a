using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Everything that a simulated run needs: a kernel, faults, settings and a manifest; drawn from a seed or made by a
/// test.
/// </summary>
internal sealed class SimCase(int seed)
{
    public const string Bundle = "crash-1";

    private static readonly Lazy<SimFolder> EarlierCopy = new(CopyEarlier);

    private readonly List<ManifestFile> requests = [];

    public int Seed => seed;

    public SimFaults Faults { get; } = new(seed);

    public SimKernel Kernel =>
        field ??= new SimKernel(Faults)
        {
            DestinationIo = Io,
            Destination = Disk ?? new SimFolder(),
            Old = Disk?.Children.GetValueOrDefault(Bundle) as SimFolder,
            OverlapsWrites = seed % 4 != 3,
            TellsWritten = seed % 5 != 4,
        };

    public OutputIo Io { get; init; } = OutputIo.Direct;

    /// <summary>What the destination holds at first; null for nothing.</summary>
    public SimFolder? Disk { get; init; }

    /// <summary>The step before which the copy is cancelled; none when negative.</summary>
    public int CancelAt { get; set; } = -1;

    /// <summary>A bug between the engine and the kernel; for tests of the checks.</summary>
    public Plant Plant { get; set; }

    /// <summary>What the engine takes for the kernel.</summary>
    public IMemoryKernel Seam => Plant == Plant.None ? Kernel : new PlantedKernel(Kernel, Plant);

    public CopySettings Settings { get; set; } = new() { BudgetBytes = 4 << 20 };

    public BundleManifest Manifest =>
        BundleManifest.Create(
            Bundle, requests, SimKernel.DestinationPath, new Dictionary<string, string> { ["host"] = "node17" }).Value!;

    public IReadOnlyList<ManifestFile> Requests => requests;

    public SimCase Request(ManifestFile request)
    {
        requests.Add(request);
        return this;
    }

    /// <summary>Adds a source and its entry in the manifest.</summary>
    public SimSource AddFile(string name, SimPages pages)
    {
        SimSource source = new($"/dev/shm/{name}", pages);
        Kernel.Add(source);
        Request(new ManifestFile(source.Path));
        return source;
    }

    /// <summary>Adds a pipe that a process has written to, and its entry in the manifest.</summary>
    public SimSource AddStream(string name, SimPages pages, CoreFacts? core = null)
    {
        SimSource source = new($"pipe:{name}", pages)
        {
            Traits = new FileTraits(IsShared: true, IsHugePageBacked: false, IsDirect: false, IsStream: true),
        };
        SafeFileHandle descriptor = new();
        Kernel.AddStream(descriptor, source);
        Request(ManifestFile.Of(new StreamSource(descriptor) { Core = core }, source.Path, name));
        return source;
    }

    /// <summary>A disk on which an earlier copy has left its bundle.</summary>
    public static SimFolder DiskWithBundle() => (SimFolder)EarlierCopy.Value.AfterCrash(new Random(1), keeps: 1);

    private static SimFolder CopyEarlier()
    {
        SimCase earlier = new(1);
        earlier.AddFile("old-heap", SimContent.Dense(71, 9000));
        earlier.AddFile("old-ring", SimContent.Dense(72, 300));
        SimRun run = SimRun.Of(earlier);
        BundleCheck.Complete(run);
        return run.Kernel.Destination;
    }

    /// <summary>The same copy once more, without faults, on what a power cut has left.</summary>
    public SimCase Again(SimFolder disk, long spaceBytes = long.MaxValue)
    {
        SimCase again = new(seed) { Io = Io, Settings = Settings with { Deadline = null }, Disk = disk };
        again.Kernel.SpaceBytes = spaceBytes;
        foreach (SimSource source in Kernel.Sources.Values)
            again.Kernel.Add(source.ForResume());
        again.requests.AddRange(requests);
        return again;
    }
}
