using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>One source, one output and one lease, for tests of single segments.</summary>
internal sealed class SegmentFixture : IDisposable
{
    private readonly CopyMemory memory;
    private readonly IDirectory directory;

    public SegmentFixture(
        SimPages pages, ReadMode mode = ReadMode.Slab, bool zeroDetection = true, params Extent[] ranges)
    {
        Kernel = new SimKernel(new SimFaults(1));
        Source = new SimSource("/dev/shm/heap", pages);
        Kernel.Add(Source);
        Source.Begin();
        Assert.True(
            CopyMemory.Take(Kernel, MemoryPlan.Of(new CopySettings { BudgetBytes = 2 << 20 }, compresses: false))
            .Try(out CopyMemory? taken, out _));
        memory = taken;
        Lease = memory.Slabs.Rent();
        Options = new CopyOptions(Checksum: true, zeroDetection);
        CopySettings settings = new() { ReaderMode = mode, ZeroDetection = zeroDetection };
        Scout = new SourceScout(Kernel, settings);
        PlannedFile planned = new(0, Source.Path, "heap", ranges.Length == 0 ? null : ranges);
        Assert.True(Scout.Open(planned).Try(out OpenedSource? source, out _));
        Opened = source;
        Assert.True(Kernel.OpenDirectory(SimKernel.DestinationPath).Try(out IDirectory? opened, out _));
        directory = opened;
        Assert.True(directory.CreateFile("heap", OutputIo.Direct).Try(out IOutputFile? output, out _));
        Output = output;
        Assert.True(Output.SetLength(Alignment.Up(pages.Length)).IsOk);
    }

    public SimKernel Kernel { get; }

    public SimSource Source { get; }

    public SourceScout Scout { get; }

    public OpenedSource Opened { get; }

    public IOutputFile Output { get; }

    public Lease Lease { get; }

    public CopyOptions Options { get; }

    /// <summary>The pages on disk.</summary>
    public SimPages Written => ((SimFile)Kernel.Destination.Children["heap"]).Pages;

    public IoBoard Board { get; } = new(
        new IoLimits(
            2, 2, Pieces: 4, SegmentGrid.SegmentBytes, null, int.MaxValue, 8, IsLowered: false), null, startUs: 0);

    /// <summary>A job for a segment, with the lease.</summary>
    public SegmentJob Job(long segment = 0, bool isRewrite = false, ReadMode? mode = null) =>
        new(new FilePair(Opened, Output), segment, mode
            ?? Opened.ReadMode, Lease, frame: null)
        { IsRewrite = isRewrite };

    public string? DigestOf(long lengthBytes) =>
        Lease.Digest is null ? null : Checksum(lengthBytes, Lease.Digest.Value);

    /// <summary>The checksum of the first bytes on disk, as if they were a file.</summary>
    public string Expected(long lengthBytes)
    {
        SimPages kept = Written.Snapshot();
        kept.SetLength(lengthBytes);
        return ExpectedChecksum.Of(kept.Present.Select(p => (p, kept.Page(p).ToArray())), lengthBytes);
    }

    public void Dispose()
    {
        memory.Slabs.Return(Lease);
        memory.Dispose();
        Output.Dispose();
        directory.Dispose();
        Scout.Dispose();
        Assert.Empty(Kernel.Violations);
        Assert.Empty(Kernel.Leaks);
    }

    private static string Checksum(long lengthBytes, ulong digest)
    {
        FileChecksum checksum = new();
        checksum.Add(0, digest);
        return FileChecksum.Format(checksum.Complete(lengthBytes));
    }
}
