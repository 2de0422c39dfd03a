using Akka.Actor;
using BundleCopier.Segments;

namespace BundleCopier.Compress;

/// <summary>What a reader asks of a compressor.</summary>
internal static class CompressorProtocol
{
    /// <summary>Make the segment a frame and hand the job on to its writer.</summary>
    public sealed record CompressSegment(SegmentJob Job) : INoSerializationVerificationNeeded;
}
