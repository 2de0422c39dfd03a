using BundleCopier.Model;

namespace BundleCopier.Memory;

/// <summary>
/// The budget, divided into slabs of one segment each, which are lent as leases. It never grows. All data in flight
/// is in leases, so the number of leases that are out gives the bytes in flight, and their peak is counted, not
/// estimated. Only the supervisor uses it.
/// </summary>
internal sealed class SlabPool
{
    private readonly Lease[] leases;
    private readonly Stack<Lease> free;
    private int lost;

    /// <param name="address">The start of the budget's memory, which must outlive this pool.</param>
    /// <param name="budgetBytes">The size of that memory.</param>
    public SlabPool(nint address, long budgetBytes)
    {
        BudgetBytes = budgetBytes;
        leases = new Lease[budgetBytes / SegmentGrid.SegmentBytes];
        free = new Stack<Lease>(leases.Length);
        for (int i = leases.Length - 1; i >= 0; i--)
        {
            leases[i] = new Lease(i, address + (nint)i * SegmentGrid.SegmentBytes);
            free.Push(leases[i]);
        }
    }

    public long BudgetBytes { get; }

    /// <summary>Leases that can be lent, or are lent.</summary>
    public int Capacity => leases.Length - lost;

    /// <summary>The number of leases that are out.</summary>
    public int InFlight { get; private set; }

    public long PeakInFlightBytes { get; private set; }

    public bool IsEmpty => free.Count == 0;

    /// <summary>
    /// Lends the slab that was returned last, because its pages are in memory and probably in the processor's cache.
    /// The slabs that a copy never needs are never touched and cost no memory.
    /// </summary>
    public Lease Rent()
    {
        AssertBalance();
        Lease lease = free.Pop();
        lease.HandOver(LeaseHolder.Pool, LeaseHolder.Supervisor);
        InFlight++;
        PeakInFlightBytes = Math.Max(PeakInFlightBytes, (long)InFlight * SegmentGrid.SegmentBytes);
        AssertBalance();
        return lease;
    }

    /// <summary>Takes back a lease, or a part of one. The last part returns the whole lease.</summary>
    /// <returns>True when a slab is free again.</returns>
    public bool Return(Lease lease)
    {
        AssertBalance();
        if (lease.Whole is { } whole)
        {
            whole.EndPart(lease);
            if (whole.PartsOut > 0)
                return false;
            lease = whole;
        }

        lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Pool);
        lease.Empty();
        // A call that hangs keeps the slab.
        if (lease.IsGhost)
            lost++;
        else
            free.Push(lease);
        InFlight--;
        AssertBalance();
        return true;
    }

    /// <summary>
    /// Takes back every lease from its holder. Call it only when all actors that may hold a lease have stopped.
    /// </summary>
    public void ReclaimAll()
    {
        foreach (Lease lease in leases)
        {
            if (lease.Holder == LeaseHolder.Pool || lease.IsLost)
                continue;
            lease.Reclaim();
            _ = Return(lease);
        }
    }

    private void AssertBalance()
    {
        if (leases.Length - free.Count - lost != InFlight)
        {
            throw new InvalidOperationException(
                $"{leases.Length} leases, {free.Count} free, {lost} lost, {InFlight} out.");
        }
    }
}
