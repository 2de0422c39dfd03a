using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Write;

namespace BundleCopier.Compress;

/// <summary>
/// Gives the segments of a compressed file their places, in the order of the source, whatever order they are ready in. A
/// segment that is ready early waits with what it holds; the one that all wait for needs nothing that they have, because
/// every segment took all the memory it will ever need before it set out. So nothing can wait in a circle. Pure.
/// </summary>
internal sealed class FramePlacer<T>
    where T : class
{
    private readonly Queue<long> expected = new();
    private readonly Dictionary<long, (T Item, CompressedSegment? Packed)> ready = [];
    private readonly List<SeekEntry> entries = [];
    private readonly List<int> paddings = [];
    private long contentEnd;

    /// <summary>Where the next write would start.</summary>
    public long End { get; private set; }

    /// <summary>Up to where the content has been placed.</summary>
    public long ContentEnd => contentEnd;

    public IReadOnlyList<SeekEntry> Entries => entries;

    /// <summary>A segment sets out; segments set out in rising order.</summary>
    public void Expect(long segment) => expected.Enqueue(segment);

    /// <summary>A segment is ready to be placed; without a frame when it turned out to be all zeros.</summary>
    public void Ready(long segment, T item, CompressedSegment? packed) => ready.Add(segment, (item, packed));

    /// <summary>The next segment in order, if it is ready. Its placement is null when it is all zeros and is not written.</summary>
    public bool Next(out T? item, out CompressedSegment packed, out Placement? placement)
    {
        if (!expected.TryPeek(out long segment) || !ready.Remove(segment, out (T Item, CompressedSegment? Packed) found))
        {
            (item, packed, placement) = (null, default, null);
            return false;
        }

        expected.Dequeue();
        item = found.Item;
        packed = found.Packed ?? default;
        placement = found.Packed is null ? null : Place(segment, packed);
        return true;
    }

    /// <summary>Takes back everything that is ready and was not placed.</summary>
    public IEnumerable<T> Abandon()
    {
        T[] left = [.. ready.Values.Select(r => r.Item)];
        ready.Clear();
        expected.Clear();
        return left;
    }

    /// <summary>Forgets everything from a segment on; the file ends there.</summary>
    public void CutAt(long segment)
    {
        int first = entries.FindIndex(e => e.Segment >= segment);
        if (first < 0)
            return;
        End = first == 0 ? 0 : entries[first - 1].FrameOffset + entries[first - 1].FrameBytes + paddings[first - 1];
        contentEnd = first == 0 ? 0 : (entries[first - 1].Segment + 1) * SegmentGrid.SegmentBytes;
        entries.RemoveRange(first, entries.Count - first);
        paddings.RemoveRange(first, paddings.Count - first);
    }

    private Placement Place(long segment, CompressedSegment packed)
    {
        long zeros = (segment * SegmentGrid.SegmentBytes) - contentEnd;
        Placement placement = new(End, zeros / ZeroFrames.GroupContentBytes, (int)(zeros % ZeroFrames.GroupContentBytes));
        FrameLayout write = FrameLayout.Of(placement.ZeroBytes, packed);
        entries.Add(new SeekEntry(segment, packed.FrameBytes, placement.FrameWriteOffset + write.FrameOffset, packed.FrameHash));
        paddings.Add(write.PaddingBytes);
        End = placement.FrameWriteOffset + write.TotalBytes;
        contentEnd = (segment + 1) * SegmentGrid.SegmentBytes;
        return placement;
    }
}
