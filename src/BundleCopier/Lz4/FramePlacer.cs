using System.Diagnostics.CodeAnalysis;
using BundleCopier.Model;

namespace BundleCopier.Lz4;

/// <summary>
/// Gives the segments of a compressed file their places, in the order of the source. A segment that is ready early
/// waits for those before it. There is no deadlock: every segment got all its memory before it was sent out, so none
/// waits for memory that another one holds.
/// </summary>
/// <typeparam name="T">The item that waits for its place.</typeparam>
/// <param name="end">The offset of the first frame in the output, on a block boundary.</param>
/// <param name="contentEnd">The end of the content that was placed before.</param>
internal sealed class FramePlacer<T>(long end, long contentEnd)
    where T : class
{
    private readonly Dictionary<int, (long Segment, T Item, CompressedSegment? Frame)> ready = [];
    private int next;

    /// <summary>The offset of the next frame.</summary>
    public long End { get; private set; } = end;

    /// <summary>The end of the content that has been placed.</summary>
    public long ContentEnd { get; private set; } = contentEnd;

    /// <summary>Adds a segment that is ready.</summary>
    /// <param name="ordinal">Its number in the order in which the segments were sent out, from 0.</param>
    /// <param name="segment">Its number in the file.</param>
    /// <param name="item">The item that waits.</param>
    /// <param name="frame">Its frame; null when the segment is all zeros or lost.</param>
    public void Ready(int ordinal, long segment, T item, CompressedSegment? frame) =>
        ready.Add(ordinal, (segment, item, frame));

    /// <summary>Takes the next segment in order, if it is ready.</summary>
    /// <param name="item">The item.</param>
    /// <param name="placement">Its place; null when it has no frame.</param>
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
