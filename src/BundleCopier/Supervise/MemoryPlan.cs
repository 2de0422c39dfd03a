using BundleCopier.Compress;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Settings;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>One part of the memory that a copy takes.</summary>
/// <param name="What">What it is for.</param>
/// <param name="SizeBytes">How much of it there is.</param>
/// <param name="IsData">It holds data in flight, and so is part of the budget.</param>
internal readonly record struct MemoryPart(string What, long SizeBytes, bool IsData = false);

/// <summary>
/// All the memory that a copy takes for bytes in flight, computed before anything is taken. The parts lie one
/// behind the other in a single allocation, made once (<see cref="CopyMemory"/>). The workers get a kernel that
/// allocates no memory, so data can be nowhere else. Mapped windows are counted too: a window takes the place of a slab
/// (<see cref="Lease"/>).
/// <para>
/// Other memory holds no data: the managed heap has 1 KiB of runs a slab and less than 1 KiB of messages a segment,
/// and the threads' stacks have the edges of frames. The codec's hash table, 16 KiB a compressor, is not on the managed
/// heap (measured).
/// </para>
/// </summary>
internal sealed class MemoryPlan
{
    private MemoryPlan(MemoryPart slabs, MemoryPart zeros, MemoryPart keeper)
    {
        Slabs = slabs;
        Zeros = zeros;
        Keeper = keeper;
    }

    /// <summary>
    /// The budget: slabs of one segment, all of it. A raw segment takes one, from the first byte read until all are
    /// on disk. A compressed one takes two: the second for its frame with all that goes around it (headers, a frame
    /// of zeros in front, padding, the unaligned tail of what is stored), for which <see cref="SegmentCompressor"/>
    /// leaves 32 KiB in it.
    /// </summary>
    public MemoryPart Slabs { get; }

    /// <summary>
    /// Zeros in compressed form, the same for all files and written from by all writers; only where files are
    /// compressed.
    /// </summary>
    public MemoryPart Zeros { get; }

    /// <summary>
    /// The keeper's own slab, for what it writes itself, one after the other: the ends of compressed files (trailing
    /// zeros and seek tables) and the receipt. Not a lease, because a file that ends must not wait for data in
    /// flight.
    /// </summary>
    public MemoryPart Keeper { get; }

    public IReadOnlyList<MemoryPart> Parts => [Slabs, Zeros, Keeper];

    public long BudgetBytes => Slabs.SizeBytes;

    public long TotalBytes => Parts.Sum(static p => p.SizeBytes);

    /// <param name="settings">How the copy is made.</param>
    /// <param name="compresses">Some file may be compressed.</param>
    public static MemoryPlan Of(CopySettings settings, bool compresses) => new(
        new MemoryPart("segments", settings.BudgetBytes, IsData: true),
        new MemoryPart("compressed zeros", compresses ? ZeroFrames.SizeBytes : 0),
        new MemoryPart("the keeper's slab", SegmentGrid.SegmentBytes));
}
