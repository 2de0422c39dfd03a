using Akka.Actor;
using BundleCopier.Memory;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Read;

/// <summary>What the supervisor asks of a reader, and what it answers.</summary>
internal static class ReaderProtocol
{
    /// <summary>Put a segment into the lease, which goes along and comes back with <see cref="SegmentRead"/>.</summary>
    public sealed record ReadSegment(long Ticket, OpenedSource Source, long Segment, Travel Travel, Lease Lease)
        : INoSerializationVerificationNeeded;

    public sealed record SegmentRead(int Reader, long Ticket, SegmentOutcome Outcome) : INoSerializationVerificationNeeded;
}
