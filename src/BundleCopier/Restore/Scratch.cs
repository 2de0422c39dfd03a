using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;

namespace BundleCopier.Restore;

/// <summary>
/// The memory that one thread needs to read bundles back, of a fixed size: a slab for a segment, a window for its
/// frame, and one for the seek table.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private const int WindowBytes = 2 * SegmentGrid.SegmentBytes;

    // Some 5,000 entries of a seek table.
    private const int TableBytes = 128 * 1024;

    private readonly ISlabMemory memory;

    private Scratch(ISlabMemory memory)
    {
        this.memory = memory;
        Lease = new Lease(0, memory.Address);
        Window = new FrameWindow(memory.Address + SegmentGrid.SegmentBytes, WindowBytes);
        Table = new FrameWindow(memory.Address + SegmentGrid.SegmentBytes + WindowBytes, TableBytes);
    }

    /// <summary>The segment that the thread works on: its bytes, its runs of data and its hash.</summary>
    public Lease Lease { get; }

    public FrameWindow Window { get; }

    /// <summary>How many bytes of the stored file the last segment took, without holes.</summary>
    public int StoredBytes { get; set; }

    /// <summary>A part of a file's seek table.</summary>
    public FrameWindow Table { get; }

    public SegmentReader Reader { get; } = new(new CopyOptions(Checksum: true, ZeroDetection: true));

    public SegmentInspector Inspector { get; } = new();

    public GapCheck Gaps { get; } = new();

    public static IoResult<Scratch> Allocate(IMemoryKernel kernel) =>
        kernel.AllocateSlabs(SegmentGrid.SegmentBytes + WindowBytes + TableBytes)
            .Try(out ISlabMemory? memory, out Errno error)
            ? IoResult<Scratch>.Ok(new Scratch(memory))
            : IoResult<Scratch>.Failed(error);

    public void Dispose()
    {
        Lease.Empty();
        memory.Dispose();
    }
}
