using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Memory;

public sealed class MemoryPlanTests
{
    // Memory besides the budget: the keeper's slab, and 8 groups of compressed zeros of 20 or 24 KiB each.
    private const long MaxExtraBytes = SegmentGrid.SegmentBytes + (8 * 24 * 1024);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parts_for_data_add_up_to_the_budget_for_every_allowed_budget(bool compresses)
    {
        const long StepBytes = SegmentGrid.SegmentBytes;
        for (long budget = CopySettings.MinBudgetBytes; budget <= CopySettings.MaxBudgetBytes; budget += StepBytes)
        {
            for (int threads = 1; threads <= CopySettings.MaxThreads; threads += 5)
            {
                CopySettings settings = new()
                {
                    BudgetBytes = budget,
                    ReaderThreads = threads,
                    CompressorThreads = threads,
                    WriterThreads = threads,
                };
                MemoryPlan plan = MemoryPlan.Of(settings, compresses);
                Assert.Equal(budget, plan.Parts.Where(p => p.IsData).Sum(p => p.SizeBytes));
                Assert.Equal(plan.TotalBytes, plan.Parts.Sum(p => p.SizeBytes));
                Assert.All(plan.Parts, p => Assert.True(p.SizeBytes >= 0 && Alignment.IsAligned(p.SizeBytes), p.What));
                Assert.InRange(plan.TotalBytes - budget, 0, MaxExtraBytes);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_parts_are_in_one_allocation_one_after_the_other(bool compresses)
    {
        SimKernel kernel = new(new SimFaults(1));
        MemoryPlan plan = MemoryPlan.Of(new CopySettings { BudgetBytes = 3 * SegmentGrid.SegmentBytes }, compresses);
        Assert.True(CopyMemory.Take(kernel, plan).Try(out CopyMemory? memory, out _));
        Assert.Equal(1, kernel.Faults.CountOf(SimOp.AllocateSlabs));
        Assert.Equal(plan.TotalBytes, memory.All.SizeBytes);
        Lease[] leases = [memory.Slabs.Rent(), memory.Slabs.Rent(), memory.Slabs.Rent()];
        nint start = memory.All.Address;
        Assert.Equal([0, 1, 2], leases.Select(l => (l.Address - start) / SegmentGrid.SegmentBytes).Order());
        Assert.Equal(memory.All.Address + (nint)(plan.BudgetBytes + plan.Zeros.SizeBytes), memory.KeeperSlab);
        Assert.Equal(memory.All.Address + (nint)plan.TotalBytes, memory.KeeperSlab + SegmentGrid.SegmentBytes);
        Assert.Equal(compresses, memory.Zeros is not null);
        foreach (Lease lease in leases)
            memory.Slabs.Return(lease);
        memory.Dispose();
        Assert.Empty(kernel.Leaks);
    }
}
