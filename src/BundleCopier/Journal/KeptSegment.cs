using BundleCopier.Lz4;

namespace BundleCopier.Journal;

/// <summary>A segment that is in an output, as the journal says.</summary>
/// <param name="Segment">Its number.</param>
/// <param name="Digest">The hash of its bytes; null where it is all zeros.</param>
/// <param name="DataBytes">Its data in the source, in bytes.</param>
/// <param name="WrittenBytes">How many bytes were written for it.</param>
/// <param name="Frame">The entry of its frame in the seek table; null in a raw file.</param>
/// <param name="FrameEnd">Where the write of its frame ends, in bytes; 0 in a raw file.</param>
internal sealed record KeptSegment(
    long Segment, ulong? Digest, int DataBytes, long WrittenBytes, SeekEntry? Frame = null, long FrameEnd = 0)
{
    /// <summary>The digest as the journal and <see cref="KeptList"/> store it; 0 for none.</summary>
    public ulong StoredDigest => Digest ?? 0;

    /// <summary>
    /// The same as a frame. A stored digest of 0 means none then: only a frame can be without one, because a raw
    /// segment without a digest is not stored.
    /// </summary>
    public KeptSegment AsFrame(SeekEntry frame, long frameEnd) => this with
    {
        Digest = Digest == 0 ? null : Digest,
        Frame = frame,
        FrameEnd = frameEnd,
    };
}

/// <summary>A segment that has settled, for the journal.</summary>
/// <param name="File">The file's place in the order of the bundle.</param>
/// <param name="Segment">The segment.</param>
internal readonly record struct JournalEntry(int File, KeptSegment Segment);
