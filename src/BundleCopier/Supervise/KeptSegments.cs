using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Plan;

namespace BundleCopier.Supervise;

/// <summary>
/// The segments of one file that an earlier run has written, and what becomes of them. Segments of a raw file count
/// when they are compared; frames of a compressed file count from the beginning, because later frames are placed behind
/// them. Pure.
/// </summary>
internal sealed class KeptSegments
{
    private readonly KeptList kept;
    private readonly SavedContent saved;
    private readonly FrameStream? stream;
    private List<int>? holes; // places in the list where the source has no data any more
    private int next; // the first place in the list that the plan has not reached

    /// <param name="kept">What an earlier run has written, in order; empty for a new output.</param>
    /// <param name="saved">Counts what stays.</param>
    /// <param name="stream">The stream of a compressed file, without frames; null for a raw file.</param>
    public KeptSegments(KeptList kept, SavedContent saved, FrameStream? stream)
    {
        (this.kept, this.saved, this.stream) = (kept, saved, stream);
        for (int i = 0; stream is not null && i < kept.Count; i++)
        {
            KeptSegment frame = kept[i];
            stream.Restore(frame);
            saved.Keep(frame);
        }
    }

    /// <summary>
    /// What an earlier run has written is in the output, and was not found again in the source: the source has changed,
    /// or there was no time to look.
    /// </summary>
    public bool IsUnproven { get; private set; }

    /// <summary>How the source's next segment is copied or compared. Segments are planned in their order.</summary>
    public PendingSegment Plan(long segment)
    {
        for (; next < kept.Count && kept.NumberOf(next) < segment; next++)
            (holes ??= []).Add(next);
        if (next < kept.Count && kept.NumberOf(next) == segment)
            return new PendingSegment(segment, BySlab: true, Kept: kept[next++]);
        // No frame can be put in between the frames of an earlier run. That run found only zeros here.
        return stream is not null && SegmentGrid.StartOfSegment(segment) < stream.ContentEnd
            ? new PendingSegment(segment, BySlab: true, Kept: new KeptSegment(segment, null, 0, 0))
            : new PendingSegment(segment);
    }

    /// <summary>
    /// The source's data is all planned. Where an earlier run found other data, the source has none any more: segments
    /// that are to be written once more.
    /// </summary>
    public IReadOnlyList<PendingSegment> PlanHoles()
    {
        while (next < kept.Count)
            (holes ??= []).Add(next++);
        if (holes is not { } found)
            return [];
        holes = null;
        IsUnproven |= stream is not null;
        return stream is not null ? []
            : [.. found.Select(i => new PendingSegment(kept.NumberOf(i), IsRewrite: true, BySlab: true))];
    }

    /// <summary>What was not planned is missing, but for what an earlier run has written.</summary>
    /// <param name="position">The end of what was planned.</param>
    /// <param name="source">The source.</param>
    /// <param name="fault">Why the rest is missing.</param>
    public void MissUnplanned(long position, OpenedSource source, Fault fault)
    {
        long sizeBytes = source.Status.SizeBytes;
        long from = stream is null ? position : Math.Max(position, Math.Min(stream.ContentEnd, sizeBytes));
        foreach (int hole in stream is null && holes is { } found ? found : [])
            Unproven(kept[hole]);
        holes = null;
        for (; stream is null && next < kept.Count; next++)
        {
            KeptSegment segment = kept[next];
            saved.Miss(from, SegmentGrid.StartOfSegment(segment.Segment), fault);
            Unproven(segment);
            from = Math.Max(from, SegmentGrid.StartOfSegment(segment.Segment + 1));
        }

        next = kept.Count;
        if (source.Ranges.From(from) is not null)
            saved.Miss(from, sizeBytes, fault);
    }

    /// <summary>
    /// The source could not be compared. A fault of the source is told, although the bytes are saved.
    /// </summary>
    public void Unproven(KeptSegment segment, Fault cause)
    {
        if (!cause.IsStop)
            saved.Blame(cause);
        Unproven(segment);
    }

    /// <summary>The segment is in the output, and is not compared.</summary>
    public void Unproven(KeptSegment segment)
    {
        IsUnproven = true;
        if (stream is null)
            saved.Keep(segment);
    }

    /// <summary>A frame was compared.</summary>
    /// <param name="isOther">The source has other bytes now.</param>
    public void Compared(bool isOther) => IsUnproven |= isOther;
}
