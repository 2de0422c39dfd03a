using BundleCopier.Lz4;

namespace BundleCopier.Journal;

/// <summary>
/// The segments of one output that an earlier run has written, by their number. 1 TiB has a million of them, so they
/// are stored without an object for each: 32 bytes a segment, and 40 more where it is a frame (docs/decisions/0029).
/// </summary>
internal sealed class KeptList
{
    /// <summary>An empty one, to which nothing is added.</summary>
    public static KeptList None { get; } = new();

    private readonly List<Entry> entries = [];
    private List<FramePlace>? frames; // those of the entries, where they are frames
    private int run;
    private bool isInOrder = true;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            PutInOrder();
            return entries.Count;
        }
    }

    /// <summary>Data in the source that the segments hold, in bytes.</summary>
    public long DataBytes
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Count; i++)
                sum += entries[i].DataBytes;
            return sum;
        }
    }

    public KeptSegment this[int index]
    {
        get
        {
            PutInOrder();
            Entry entry = entries[index];
            KeptSegment segment = new(entry.Segment, entry.Digest, entry.DataBytes, entry.WrittenBytes);
            return frames is null ? segment : segment.AsFrame(frames[index].Frame, frames[index].End);
        }
    }

    /// <summary>The number of a segment.</summary>
    public long NumberOf(int index)
    {
        PutInOrder();
        return entries[index].Segment;
    }

    /// <summary>
    /// Adds a segment. It replaces one of the same number that an earlier run has added. The segments of a file are all
    /// frames, or none is: others are left out.
    /// </summary>
    public void Add(KeptSegment segment)
    {
        if (entries.Count == 0)
            frames = segment.Frame is null ? null : [];
        if ((segment.Frame is null) != (frames is null))
            return;
        if (frames is not null)
            CutAt(segment.Segment);
        else
            isInOrder &= entries.Count == 0 || entries[^1].Segment < segment.Segment;
        entries.Add(new Entry(
            segment.Segment, segment.StoredDigest, segment.WrittenBytes, segment.DataBytes, run));
        frames?.Add(new FramePlace(segment.Frame!.Value, segment.FrameEnd));
    }

    /// <summary>The next segments are those of a later run.</summary>
    public void BeginRun() => run++;

    /// <summary>Keeps a segment at another, lower place.</summary>
    public void Move(int from, int to)
    {
        entries[to] = entries[from];
        if (frames is not null)
            frames[to] = frames[from];
    }

    /// <summary>Removes all from this place on.</summary>
    public void Truncate(int count)
    {
        entries.RemoveRange(count, entries.Count - count);
        frames?.RemoveRange(count, frames.Count - count);
    }

    /// <summary>
    /// Frames lie in the order of their segments: a later run has cut the stream before a frame that it adds.
    /// </summary>
    private void CutAt(long segment)
    {
        int count = entries.Count;
        while (count > 0 && entries[count - 1].Segment >= segment)
            count--;
        Truncate(count);
    }

    // Segments settle nearly in order. A later run adds those that were missing.
    private void PutInOrder()
    {
        if (isInOrder)
            return;
        isInOrder = true;
        entries.Sort(static (a, b) => a.Segment != b.Segment ? a.Segment.CompareTo(b.Segment) : a.Run.CompareTo(b.Run));
        int count = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            if (i + 1 < entries.Count && entries[i + 1].Segment == entries[i].Segment)
                continue;
            entries[count++] = entries[i];
        }

        Truncate(count);
    }

    private readonly record struct Entry(long Segment, ulong Digest, long WrittenBytes, int DataBytes, int Run);

    private readonly record struct FramePlace(SeekEntry Frame, long End);
}
