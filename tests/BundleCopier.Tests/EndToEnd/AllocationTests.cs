using Akka.Actor;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The runtime counts allocations of the whole process. The difference between a long copy and a short one is the
/// cost of the segments, without starting, opening and committing.
/// </summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class AllocationTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long ShortBytes = 64 * MiB;
    private const long LongBytes = 576 * MiB;
    private const long Segments = (LongBytes - ShortBytes) / MiB;
    private const long MaxBytesPerSegment = 1024;

    private readonly ITestOutputHelper output;
    private readonly Workspace place = new();
    private readonly ActorSystem system = ActorSystem.Create("allocation", ReferenceConfig.Value);
    private int copies;

    public AllocationTests(ITestOutputHelper output) => this.output = output;

    public void Dispose()
    {
        system.Terminate().Wait();
        place.Dispose();
    }

    [KernelTheory]
    [InlineData(ReadMode.Slab, true, Compression.None)]
    [InlineData(ReadMode.Map, false, Compression.None)]
    [InlineData(ReadMode.Map, true, Compression.None)]
    [InlineData(null, false, Compression.None)]
    [InlineData(ReadMode.Slab, true, Compression.Lz4)]
    [InlineData(ReadMode.Slab, true, Compression.Auto)]
    public Task A_segment_costs_less_than_a_KiB_of_managed_memory(
        ReadMode? mode, bool inspects, Compression compression) =>
        Measure(new CopySettings
        {
            ReaderMode = mode,
            Checksum = inspects,
            ZeroDetection = inspects,
            Compression = compression
        });

    [KernelFact]
    public Task Waiting_for_a_limited_disk_costs_no_more() =>
        Measure(new CopySettings { WriterMaxRateBytes = 400 * MiB });

    private async Task Measure(CopySettings settings)
    {
        string source = place.Source("heap");
        // Lines of text become smaller; random bytes would all be stored.
        if (settings.Compression == Compression.Lz4)
            SourceFile.Text(source, LongBytes);
        else
            SourceFile.Dense(source, LongBytes);
        await Allocated(source, ShortBytes, settings); // everything is loaded and compiled after this
        long start = long.MaxValue;
        long whole = long.MaxValue;
        // Other activity of the test process can only add to either.
        for (int i = 0; i < 2; i++)
        {
            start = Math.Min(start, await Allocated(source, ShortBytes, settings));
            whole = Math.Min(whole, await Allocated(source, LongBytes, settings));
        }

        long perSegment = (whole - start) / Segments;
        output.WriteLine($"{perSegment} bytes a segment");
        Assert.InRange(perSegment, 0, MaxBytesPerSegment - 1);
    }

    private async Task<long> Allocated(string source, long sizeBytes, CopySettings settings)
    {
        ManifestFile file = new(source) { Ranges = [new ByteRange(0, sizeBytes)] };
        BundleManifest manifest = BundleManifest.Create($"b{copies++}", [file], place.Destination).Value!;
        CopyEngine engine = new(system);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        CopyResult result = await engine.CopyAsync(manifest, settings);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(result);
        Assert.Equal(BundleStatus.Complete, committed.Receipt.Status);
        Directory.Delete(committed.Path, recursive: true);
        return allocated;
    }
}
