using Akka.Actor;
using BundleCopier.Segments;

namespace BundleCopier.Read;

/// <summary>What the supervisor asks of a reader.</summary>
internal static class ReaderProtocol
{
    /// <summary>
    /// Fill the leases of these jobs, in order, and hand each job on to its compressor or writer. Jobs with the same
    /// <see cref="SegmentJob.Batch"/> go on together, when the last of them is filled. There is no answer: the writer
    /// reports.
    /// </summary>
    public sealed record ReadSegments(IReadOnlyList<SegmentJob> Jobs) : INoSerializationVerificationNeeded;
}
