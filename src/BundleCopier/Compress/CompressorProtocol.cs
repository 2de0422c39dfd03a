using Akka.Actor;
using BundleCopier.Lz4;
using BundleCopier.Memory;

namespace BundleCopier.Compress;

/// <summary>What the supervisor asks of a compressor, and what it answers.</summary>
internal static class CompressorProtocol
{
    /// <summary>Make a segment into a frame. Both leases go along and come back with <see cref="SegmentCompressed"/>.</summary>
    /// <param name="Ticket">Comes back with the answer.</param>
    /// <param name="Content">The segment as it was read.</param>
    /// <param name="ContentBytes">Its length.</param>
    /// <param name="Frame">Room for its frame.</param>
    /// <param name="Effort">What to try.</param>
    public sealed record CompressSegment(long Ticket, Lease Content, int ContentBytes, Lease Frame, CompressEffort Effort)
        : INoSerializationVerificationNeeded;

    /// <param name="Compressor">Who answers.</param>
    /// <param name="Ticket">What it was told.</param>
    /// <param name="Packed">What the segment became.</param>
    /// <param name="ElapsedUs">How long that took.</param>
    public sealed record SegmentCompressed(int Compressor, long Ticket, CompressedSegment Packed, long ElapsedUs) : INoSerializationVerificationNeeded;
}
