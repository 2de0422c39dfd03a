using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Memory;

public sealed class SlabPoolTests
{
    private readonly SimKernel kernel = new(new SimFaults(1));

    [Fact]
    public void A_pool_lends_exactly_its_budget_and_counts_the_peak()
    {
        using CopyMemory memory = Take(3 << 20);
        SlabPool pool = memory.Slabs;
        Lease[] leases = [pool.Rent(), pool.Rent(), pool.Rent()];
        Assert.True(pool.IsEmpty);
        Assert.Equal(3, leases.Select(l => l.Address).Distinct().Count());
        Assert.All(leases, l => Assert.True(Alignment.IsAligned(l.Address)));
        foreach (Lease lease in leases)
            pool.Return(lease);
        pool.Return(pool.Rent());
        Assert.Equal(0, pool.InFlight);
        Assert.Equal(3 << 20, pool.PeakInFlightBytes);
    }

    [Fact]
    public void A_shared_slab_is_free_again_when_its_last_part_has_been_returned()
    {
        using CopyMemory memory = Take(2 << 20);
        SlabPool pool = memory.Slabs;
        Lease whole = pool.Rent();
        Lease[] parts = [whole.LendPart(0, 4096), whole.LendPart(4096, 8192)];
        Assert.Equal(whole.Address + 4096, parts[1].Address);
        Assert.Equal((4096, 8192), (parts[0].Slab.Length, parts[1].Slab.Length));
        Assert.False(pool.Return(parts[1]));
        Assert.Equal(1, pool.InFlight);
        Assert.Throws<InvalidOperationException>(() => pool.Return(parts[1]));
        Assert.True(pool.Return(parts[0]));
        Assert.Equal(0, pool.InFlight);
    }

    [Fact]
    public void Returning_a_lease_twice_throws()
    {
        using CopyMemory memory = Take(2 << 20);
        SlabPool pool = memory.Slabs;
        Lease lease = pool.Rent();
        pool.Return(lease);
        Assert.Throws<InvalidOperationException>(() => pool.Return(lease));
        Assert.Equal(0, pool.InFlight);
    }

    [Fact]
    public void Handing_over_a_lease_from_an_actor_that_does_not_hold_it_throws()
    {
        using CopyMemory memory = Take(2 << 20);
        SlabPool pool = memory.Slabs;
        Lease lease = pool.Rent();
        Assert.Throws<InvalidOperationException>(() => lease.HandOver(LeaseHolder.Reader, LeaseHolder.Supervisor));
        lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        Assert.Throws<InvalidOperationException>(() => lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer));
        Assert.Throws<InvalidOperationException>(() => pool.Return(lease));
        lease.HandOver(LeaseHolder.Reader, LeaseHolder.Supervisor);
        pool.Return(lease);
    }

    [Fact]
    public void Memory_is_not_freed_while_a_lease_is_out()
    {
        CopyMemory memory = Take(2 << 20);
        SlabPool pool = memory.Slabs;
        Lease lease = pool.Rent();
        Assert.Throws<InvalidOperationException>(memory.Dispose);
        Assert.NotEmpty(kernel.Leaks);
        pool.Return(lease);
        memory.Dispose();
        Assert.Empty(kernel.Leaks);
    }

    [Fact]
    public void Reclaiming_takes_all_leases_from_their_holders_and_unmaps_their_windows()
    {
        CopyMemory memory = Take(3 << 20);
        SlabPool pool = memory.Slabs;
        Lease read = pool.Rent();
        Lease written = pool.Rent();
        read.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        written.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        written.Attach(kernel.AddWindow(new SimSource("/dev/shm/x", SimContent.Dense(1, 4096)), 0, 4096));
        Assert.Throws<InvalidOperationException>(() => written.Attach(null!));
        pool.ReclaimAll();
        memory.Dispose();
        Assert.Empty(kernel.Leaks);
        Assert.Empty(kernel.Violations);
    }

    [Fact]
    public void A_slab_that_a_call_keeps_is_never_lent_again_and_the_memory_stays_until_the_call_returns()
    {
        CopyMemory memory = Take(2 << 20);
        SlabPool pool = memory.Slabs;
        Lease kept = pool.Rent();
        kept.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        memory.Holds.Hold();
        Lease ghost = kept.Lose();
        Assert.True(ghost.IsGhost);
        ghost.HandOver(LeaseHolder.Reader, LeaseHolder.Supervisor);
        Assert.True(pool.Return(ghost));
        Assert.Equal((1, 0), (pool.Capacity, pool.InFlight));
        Lease other = pool.Rent();
        Assert.NotEqual(kept.Address, other.Address);
        Assert.True(pool.IsEmpty);
        pool.Return(other);
        memory.Dispose();
        Assert.NotEmpty(kernel.Leaks);
        memory.Holds.Release();
        Assert.Empty(kernel.Leaks);
    }

    private CopyMemory Take(long budget)
    {
        MemoryPlan plan = MemoryPlan.Of(new CopySettings { BudgetBytes = budget }, compresses: false);
        Assert.True(CopyMemory.Take(kernel, plan).Try(out CopyMemory? memory, out _));
        return memory;
    }
}
