using BundleCopier.Model;

namespace BundleCopier.Memory;

/// <summary>
/// The budget, cut into slabs of one segment, lent as leases, never grown. Everything in flight
/// is a lease, so what is lent is what is in flight, and the peak is counted and not estimated. Owned by the supervisor
/// and used by it alone.
/// </summary>
internal sealed class SlabPool
{
    private readonly Lease[] leases;
    private readonly Stack<Lease> free;

    /// <param name="address">Where the budget's memory starts; it must be there for as long as this pool is used.</param>
    /// <param name="budgetBytes">How much there is.</param>
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

    public int Capacity => leases.Length;

    /// <summary>Leases that are out.</summary>
    public int InFlight { get; private set; }

    public long PeakInFlightBytes { get; private set; }

    public bool IsEmpty => free.Count == 0;

    /// <summary>
    /// Lends the slab that came back last, whose pages are still in the caches and in memory: a copy that needs few slabs
    /// never touches the others, and they cost nothing.
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

    /// <summary>Takes a lease back, or a part of one, and the whole with the last of its parts.</summary>
    /// <returns>Whether a slab has come home.</returns>
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
        free.Push(lease);
        InFlight--;
        AssertBalance();
        return true;
    }

    /// <summary>Takes every lease home whoever holds it; only for when all who could hold one have stopped.</summary>
    public void ReclaimAll()
    {
        foreach (Lease lease in leases)
        {
            if (lease.Holder == LeaseHolder.Pool)
                continue;
            lease.Reclaim();
            _ = Return(lease);
        }
    }

    private void AssertBalance()
    {
        if (leases.Length - free.Count != InFlight)
            throw new InvalidOperationException($"{leases.Length} leases, {free.Count} at home, {InFlight} out.");
    }
}
