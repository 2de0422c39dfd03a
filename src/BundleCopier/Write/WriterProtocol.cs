using Akka.Actor;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>What the supervisor asks of a writer, and what it answers.</summary>
internal static class WriterProtocol
{
    /// <summary>
    /// Write what is in the lease. The lease goes along and comes back with <see cref="SegmentWritten"/>; the output is lent
    /// for that time.
    /// </summary>
    /// <param name="Ticket">Comes back with the answer.</param>
    /// <param name="Source">The file, for its ranges and size.</param>
    /// <param name="Output">Where to.</param>
    /// <param name="Segment">The segment's number.</param>
    /// <param name="Lease">What to write.</param>
    /// <param name="IsRetry">Some of the segment may have been written before, from other bytes.</param>
    /// <param name="Pieces">Writes that the writer may have in flight at once.</param>
    /// <param name="PieceBytes">The most that one write hands to the disk.</param>
    public sealed record WriteSegment(
        long Ticket, OpenedSource Source, IOutputFile Output, long Segment, Lease Lease, bool IsRetry, int Pieces, int PieceBytes)
        : INoSerializationVerificationNeeded;

    /// <summary>Write a segment of a compressed file where it was placed. Answered like <see cref="WriteSegment"/>; both leases come back.</summary>
    /// <param name="Ticket">Comes back with the answer.</param>
    /// <param name="Output">Where to.</param>
    /// <param name="Placement">Where in the file.</param>
    /// <param name="Packed">What the segment became.</param>
    /// <param name="Content">The segment as it was read.</param>
    /// <param name="ContentBytes">Its length.</param>
    /// <param name="Frame">Its frame, or room for what goes around it.</param>
    /// <param name="Pieces">Writes that the writer may have in flight at once.</param>
    /// <param name="PieceBytes">The most that one write hands to the disk.</param>
    public sealed record WriteFrame(
        long Ticket,
        IOutputFile Output,
        Placement Placement,
        CompressedSegment Packed,
        Lease Content,
        int ContentBytes,
        Lease Frame,
        int Pieces,
        int PieceBytes)
        : INoSerializationVerificationNeeded;

    /// <summary>Write segments of many files, all from parts of one lease and none for the second time. Answered by <see cref="BunchWritten"/>.</summary>
    public sealed record WriteBunch(long Ticket, WriteSegment[] Segments) : INoSerializationVerificationNeeded;

    public sealed record BunchWritten(int Writer, long Ticket, SegmentOutcome[] Outcomes) : INoSerializationVerificationNeeded;

    /// <summary>The credit comes back.</summary>
    /// <param name="Writer">Who wrote.</param>
    /// <param name="Ticket">What it was told.</param>
    /// <param name="Outcome">What is on disk.</param>
    /// <param name="IsSourceLost">The mapped source is not what it was taken for, or was cut under the kernel's hands: read the segment again, by slab.</param>
    /// <param name="ElapsedUs">How long the writer was busy with it.</param>
    /// <param name="PieceUs">How long the disk took for a piece of it, on the mean.</param>
    public sealed record SegmentWritten(int Writer, long Ticket, SegmentOutcome Outcome, bool IsSourceLost, long ElapsedUs, long PieceUs)
        : INoSerializationVerificationNeeded;
}
