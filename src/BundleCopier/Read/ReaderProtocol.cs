using Akka.Actor;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Read;

/// <summary>What the supervisor asks of a reader, and what it answers.</summary>
internal static class ReaderProtocol
{
    /// <summary>Put a segment into the lease, which goes along and comes back with <see cref="SegmentRead"/>.</summary>
    /// <param name="Ticket">Comes back with the answer.</param>
    /// <param name="Source">What to read from.</param>
    /// <param name="Segment">The segment's number.</param>
    /// <param name="ReadMode">By slab or by mapping.</param>
    /// <param name="Lease">Where to.</param>
    public sealed record ReadSegment(long Ticket, OpenedSource Source, long Segment, ReadMode ReadMode, Lease Lease)
        : INoSerializationVerificationNeeded;

    public sealed record SegmentRead(int Reader, long Ticket, SegmentOutcome Outcome) : INoSerializationVerificationNeeded;

    /// <summary>Read segments of many files, each into its part of one lease. Answered by <see cref="BunchRead"/>.</summary>
    public sealed record ReadBunch(long Ticket, ReadSegment[] Segments) : INoSerializationVerificationNeeded;

    public sealed record BunchRead(int Reader, long Ticket, SegmentOutcome[] Outcomes) : INoSerializationVerificationNeeded;
}
