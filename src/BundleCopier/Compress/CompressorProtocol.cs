using Akka.Actor;
using BundleCopier.Memory;

namespace BundleCopier.Compress;

/// <summary>What the supervisor asks of a compressor, and what it answers.</summary>
internal static class CompressorProtocol
{
    /// <summary>Make a segment into a frame. Both leases go along and come back with <see cref="SegmentPacked"/>.</summary>
    public sealed record PackSegment(long Ticket, Lease Content, int ContentBytes, Lease Frame, PackEffort Effort)
        : INoSerializationVerificationNeeded;

    public sealed record SegmentPacked(int Compressor, long Ticket, PackedSegment Packed) : INoSerializationVerificationNeeded;
}
