using BundleCopier.Compress;
using BundleCopier.Govern;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.EndToEnd;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Memory;

/// <summary>
/// The synchronous code of the workers, on the real kernel: after its first segment a thread allocates no managed
/// memory.
/// </summary>
public sealed class NoAllocationTests : IDisposable
{
    private const int SegmentBytes = SegmentGrid.SegmentBytes;

    private readonly Workspace place = new();
    private readonly SourceScout scout = new(LinuxKernel.Instance, new CopySettings());
    private readonly CopyMemory memory;
    private readonly Lease content;
    private readonly Lease frame;

    public NoAllocationTests()
    {
        MemoryPlan plan = MemoryPlan.Of(new CopySettings { BudgetBytes = 2 * SegmentBytes }, compresses: true);
        Assert.True(CopyMemory.Take(LinuxKernel.Instance, plan).Try(out CopyMemory? taken, out _));
        memory = taken;
        content = memory.Slabs.Rent();
        frame = memory.Slabs.Rent();
    }

    public void Dispose()
    {
        memory.Slabs.Return(content);
        memory.Slabs.Return(frame);
        memory.Dispose();
        scout.Dispose();
        place.Dispose();
    }

    [KernelTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reading_allocates_nothing_however_many_ranges_a_segment_has(bool inspects)
    {
        SourceFile.Dense(place.Source("heap"), SegmentBytes);
        // Small ranges: several start in one block, and none ends on a block boundary.
        Extent[] ranges = [.. Enumerable.Range(0, 700).Select(i => new Extent(i * 1400, 600))];
        OpenedSource file = Open(ranges);
        SegmentReader reader = new(new CopyOptions(inspects, inspects));
        Assert.Equal(0, MinAllocated(() => Assert.Null(reader.Fill(file, 0, ReadMode.Slab, content).Fault)));
        Assert.NotEqual(0, content.Runs.Count);
    }

    [KernelTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Compressing_and_storing_a_frame_allocate_nothing(bool compress)
    {
        SourceFile.Text(place.Source("heap"), SegmentBytes);
        OpenedSource file = Open(null);
        new SegmentReader(new CopyOptions(true, true)).Fill(file, 0, ReadMode.Slab, content);
        SegmentCompressor compressor = new();
        CompressedSegment packed = default;
        CompressEffort effort = compress ? CompressEffort.Sample : CompressEffort.Store;
        Assert.Equal(0, MinAllocated(() => packed = compressor.Compress(content, SegmentBytes, frame, effort)));
        Assert.Equal(compress, !packed.IsStored);

        using IOutputFile output = Create();
        SegmentJob job = new(new FilePair(file, output), 0, ReadMode.Slab, content, frame)
        {
            Compressed = packed,
            Placement = new Placement(0, ZeroGroups: 3, ZeroBytes: 0),
        };
        WriteTask task = new();
        IoLimits limits = new(1, 1, 2, SegmentBytes, null, 8, 8, IsLowered: false);
        Assert.Equal(0, MinAllocated(() =>
        {
            Assert.True(FrameWriter.WriteZeros(output, memory.Zeros!, job.Placement).IsOk);
            task.Reset(job, limits, spentUs: 0);
            FrameWriter.LayOut(job, packed, task);
            foreach (WriteStretch stretch in task.Stretches)
                Assert.True(BlockWriter.Write(output, stretch.Address, stretch.Length, stretch.Offset).IsOk);
        }));
    }

    [KernelFact]
    public void Writing_allocates_nothing()
    {
        SourceFile.Dense(place.Source("heap"), SegmentBytes);
        OpenedSource file = Open(null);
        CopyOptions options = new(true, true);
        new SegmentReader(options).Fill(file, 0, ReadMode.Slab, content);
        using IOutputFile output = Create();
        SegmentWriter writer = new(options);
        SegmentJob job = new(new FilePair(file, output), 0, ReadMode.Slab, content, frame: null);
        Assert.Equal(0, MinAllocated(() => Assert.Null(writer.Write(job, SegmentBytes, isLast: false).Fault)));
    }

    private IOutputFile Create()
    {
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Destination).Try(out IDirectory? directory, out _));
        using (directory)
        {
            Assert.True(directory.ProbeOutputIo().Try(out DestinationTraits? traits, out _));
            Assert.True(directory.CreateFile("heap", traits.Io).Try(out IOutputFile? output, out _));
            return output;
        }
    }

    private OpenedSource Open(IReadOnlyList<Extent>? ranges)
    {
        PlannedFile planned = new(0, place.Source("heap"), "heap", ranges);
        Assert.True(scout.Open(planned).Try(out OpenedSource? file, out _));
        return file;
    }

    // The minimum of several runs, because the JIT compiler may allocate in one of them.
    private static long MinAllocated(Action once)
    {
        once();
        long minBytes = long.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            once();
            minBytes = Math.Min(minBytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return minBytes;
    }
}
