using BundleCopier.Memory;
using BundleCopier.Read;
using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>One segment on its way, and the lease that it travels in.</summary>
internal sealed class Shipment(long ticket, FileRecord file, long segment, int attempt, Travel travel, Lease lease)
{
    public long Ticket => ticket;

    public FileRecord File => file;

    public long Segment => segment;

    /// <summary>0 the first time; more when a worker died of it or its mapped source was cut.</summary>
    public int Attempt => attempt;

    public Travel Travel => travel;

    public Lease Lease => lease;

    /// <summary>What the reader found; set once it has answered.</summary>
    public SegmentOutcome Read { get; set; }
}
