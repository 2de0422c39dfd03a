using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>The memory of one copy, taken once as its plan says; nothing is taken afterwards.</summary>
internal sealed class CopyMemory : IDisposable
{
    private readonly Action? whenFreed;

    private CopyMemory(ISlabMemory all, MemoryPlan plan, Action? whenFreed)
    {
        this.whenFreed = whenFreed;
        All = all;
        nint zeros = all.Address + (nint)plan.Slabs.SizeBytes;
        KeeperSlab = zeros + (nint)plan.Zeros.SizeBytes;
        Slabs = new SlabPool(all.Address, plan.BudgetBytes);
        Holds = new MemoryHolds(Free);
        Zeros = plan.Zeros.SizeBytes == 0 ? null : new ZeroFrames(zeros);
    }

    /// <summary>All of the memory, so that it can be locked.</summary>
    public ISlabMemory All { get; }

    /// <summary>What may use the memory.</summary>
    public MemoryHolds Holds { get; }

    /// <summary>The budget, as leases.</summary>
    public SlabPool Slabs { get; }

    /// <summary>What holes of compressed files are written from; null where nothing is compressed.</summary>
    public ZeroFrames? Zeros { get; }

    /// <summary>One segment's room that the keeper alone uses.</summary>
    public nint KeeperSlab { get; }

    /// <summary>Takes the memory.</summary>
    /// <param name="kernel">Where from.</param>
    /// <param name="plan">How much.</param>
    /// <param name="whenFreed">Called once it is free again, from any thread.</param>
    public static IoResult<CopyMemory> Take(IMemoryKernel kernel, MemoryPlan plan, Action? whenFreed = null) =>
        kernel.AllocateSlabs(plan.TotalBytes).Try(out ISlabMemory? all, out Errno error)
            ? IoResult<CopyMemory>.Ok(new CopyMemory(all, plan, whenFreed))
            : IoResult<CopyMemory>.Failed(error);

    /// <summary>
    /// Gives the memory back when all actors have stopped: leases that are out belong to calls that hang, or to a copy
    /// that has failed. While a call hangs, the memory stays as it is, with the windows of its leases; it is freed when
    /// the call returns.
    /// </summary>
    public void GiveBack() => Holds.Release();

    /// <summary>
    /// As <see cref="GiveBack"/>. All leases must be returned: the kernel may still be reading from one that is not.
    /// </summary>
    public void Dispose()
    {
        if (Slabs.InFlight != 0)
            throw new InvalidOperationException($"{Slabs.InFlight} leases are still out.");
        GiveBack();
    }

    private void Free()
    {
        Slabs.ReclaimAll();
        All.Dispose();
        whenFreed?.Invoke();
    }
}
