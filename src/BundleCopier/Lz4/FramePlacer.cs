using System.Diagnostics.CodeAnalysis;
using BundleCopier.Model;

namespace BundleCopier.Lz4;

/// <summary>
/// Gives the segments of a compressed file their places, in the order of the source, whatever order they are ready
/// in. A segment that is ready early waits. No wait is a circle: every segment took all its memory before it set out,
/// and the segment that the others wait for needs nothing that they hold. Pure.
/// </summary>
/// <typeparam name="T">What waits for its place.</typeparam>
/// <param name="end">Where in the output the first frame goes, on a block boundary.</param>
/// <param name="contentEnd">Up to where the content has been placed before.</param>
internal sealed class FramePlacer<T>(long end, long contentEnd)
    where T : class
{
    private readonly Dictionary<int, (long Segment, T Item, CompressedSegment? Frame)> ready = [];
    private int next;

    /// <summary>Where the next frame goes.</summary>
    public long End { get; private set; } = end;

    /// <summary>Up to where the content has been placed.</summary>
    public long ContentEnd { get; private set; } = contentEnd;

    /// <summary>A segment is ready for its place.</summary>
    /// <param name="ordinal">Its place in the order in which the segments set out; the first one has 0.</param>
    /// <param name="segment">Its number.</param>
    /// <param name="item">What waits.</param>
    /// <param name="frame">Its frame; null when it is all zeros or lost.</param>
    public void Ready(int ordinal, long segment, T item, CompressedSegment? frame) =>
        ready.Add(ordinal, (segment, item, frame));

    /// <summary>Takes the next segment in order, if it is ready.</summary>
    /// <param name="item">What waited.</param>
    /// <param name="placement">Its place; null where it has no frame.</param>
    public bool TryNext([NotNullWhen(true)] out T? item, out Placement? placement)
    {
        placement = null;
        if (!ready.Remove(next, out (long Segment, T Item, CompressedSegment? Frame) found))
        {
            item = null;
            return false;
        }

        next++;
        item = found.Item;
        placement = found.Frame is { } frame ? Place(found.Segment, frame) : null;
        return true;
    }

    private Placement Place(long segment, CompressedSegment frame)
    {
        long zeroBytes = SegmentGrid.StartOfSegment(segment) - ContentEnd;
        Placement placement = Placement.Of(End, zeroBytes);
        End = placement.EndWith(frame);
        ContentEnd = SegmentGrid.StartOfSegment(segment + 1);
        return placement;
    }
}
