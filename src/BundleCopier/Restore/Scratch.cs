using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;

namespace BundleCopier.Restore;

/// <summary>
/// The memory that one thread needs to read bundles back, of a fixed size: a slab for a segment, and a window for its
/// frame.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private const int WindowBytes = 2 * SegmentGrid.SegmentBytes;

    private readonly ISlabMemory memory;

    private Scratch(ISlabMemory memory)
    {
        this.memory = memory;
        Lease = new Lease(0, memory.Address);
        Window = new FrameWindow(memory.Address + SegmentGrid.SegmentBytes, WindowBytes);
    }

    /// <summary>The segment that the thread works on: its bytes, its runs of data and its hash.</summary>
    public Lease Lease { get; }

    public FrameWindow Window { get; }

    public SegmentReader Reader { get; } = new(new CopyOptions(Checksum: true, ZeroDetection: true));

    public SegmentInspector Inspector { get; } = new();

    public GapCheck Gaps { get; } = new();

    public static IoResult<Scratch> Allocate(IMemoryKernel kernel) =>
        kernel.AllocateSlabs(SegmentGrid.SegmentBytes + WindowBytes).Try(out ISlabMemory? memory, out Errno error)
            ? IoResult<Scratch>.Ok(new Scratch(memory))
            : IoResult<Scratch>.Failed(error);

    public void Dispose()
    {
        Lease.Empty();
        memory.Dispose();
    }
}
