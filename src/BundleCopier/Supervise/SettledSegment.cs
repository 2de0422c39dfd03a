using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Segments;

namespace BundleCopier.Supervise;

/// <summary>What is left to know of a segment when its lease is back.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Mode">How it was read.</param>
/// <param name="Read">What the reader found.</param>
/// <param name="Written">How the writing ended.</param>
/// <param name="SavedDataBytes">See <see cref="SegmentJob.SavedDataBytes"/>.</param>
/// <param name="Digest">The hash of its bytes; null where it was not hashed, and where it is all zeros.</param>
/// <param name="Entry">The seek table's entry of its frame; null where it has none.</param>
/// <param name="FrameEnd">Where the write of the frame ends, in bytes.</param>
internal readonly record struct SettledSegment(
    long Segment,
    ReadMode Mode,
    SegmentOutcome Read,
    WriteOutcome Written,
    int SavedDataBytes,
    ulong? Digest,
    SeekEntry? Entry,
    long FrameEnd)
{
    /// <summary>Why it is not whole; null where it is.</summary>
    public Fault? Fault => Read.Fault ?? Written.Fault;

    public static SettledSegment Of(SegmentJob job) => new(
        job.Segment,
        job.Mode,
        job.Read,
        job.Written,
        job.SavedDataBytes,
        job.Lease.Digest,
        job.Compressed is { } frame ? job.Placement.EntryOf(job.Segment, frame) : null,
        job.Compressed is { } last ? job.Placement.EndWith(last) : 0);

    /// <summary>
    /// What the journal says of it; null where there is nothing to compare: a raw segment that was not hashed or is all
    /// zeros. A frame of zeros has its place in the stream.
    /// </summary>
    public KeptSegment? ToKeep() => Digest is not null || Entry is not null
        ? new KeptSegment(Segment, Digest, SavedDataBytes, Written.WrittenBytes, Entry, FrameEnd)
        : null;
}
