using Akka.Actor;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>What readers and compressors ask of a writer, and what the writer reports to the supervisor.</summary>
internal static class WriterProtocol
{
    /// <summary>
    /// Write these segments. A compressed one waits until all segments of its file before it are here.
    /// </summary>
    /// <param name="Jobs">The jobs; their leases are the writer's from now on.</param>
    /// <param name="Following">
    /// Jobs that the sender holds and will send to this writer, each with a newer count: while there are some, the
    /// writer need not hurry to return credit.
    /// </param>
    public sealed record WriteSegments(SegmentJob[] Jobs, int Following) : INoSerializationVerificationNeeded;

    /// <summary>The copy ends early, as the board says: do not wait for the rate any more.</summary>
    public sealed record StopWriting : INoSerializationVerificationNeeded
    {
        public static StopWriting Instance { get; } = new();
    }

    /// <summary>
    /// These segments are on disk or have failed: the supervisor has the jobs, and the credit is back.
    /// </summary>
    /// <param name="Writer">The writer's number.</param>
    /// <param name="Jobs">The jobs, with <see cref="SegmentJob.Written"/> set.</param>
    /// <param name="RanDry">The disk had nothing to do when the report was made.</param>
    public sealed record SegmentsSettled(int Writer, SegmentJob[] Jobs, bool RanDry)
        : INoSerializationVerificationNeeded;
}
