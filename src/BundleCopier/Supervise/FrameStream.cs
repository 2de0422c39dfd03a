using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Segments;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>
/// The frames of a compressed file that are on disk. Its stream is worth as much as its unbroken start, so frames
/// count in their order: one that is on disk early waits here for those before it. Pure.
/// </summary>
/// <param name="count">Takes each segment that counts, in order.</param>
/// <param name="end">Told where the stream ends early, and why.</param>
internal sealed class FrameStream(Action<SettledSegment> count, Action<long, Fault> end)
{
    private readonly List<SeekEntry> entries = [];
    private readonly List<long> ends = []; // where the write of each entry's frame ends
    private readonly Dictionary<int, SettledSegment> early = [];
    private int nextToStart;
    private int nextToCount;
    private bool wasRestarted;

    /// <summary>A frame could not be written: the stream ends before it.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>It has no frame.</summary>
    public bool IsEmpty => entries.Count == 0;

    /// <summary>The end of the content whose frames are on disk, in bytes, on the grid of segments.</summary>
    public long ContentEnd => entries.Count == 0 ? 0 : SegmentGrid.StartOfSegment(entries[^1].Segment + 1);

    /// <summary>Begins with a frame that an earlier run has written; they come in their order.</summary>
    public void Restore(KeptSegment frame)
    {
        entries.Add(frame.Frame!.Value);
        ends.Add(frame.FrameEnd);
        wasRestarted = true;
    }

    /// <summary>The end of the stream could not be written: frames before it must make room.</summary>
    public void Break() => IsBroken = true;

    /// <summary>Gives places from the end of the stream on.</summary>
    public FramePlacer<SegmentJob> NewPlacer() => new(ends.Count == 0 ? 0 : ends[^1], ContentEnd);

    /// <summary>The place of the next segment in the order of the stream.</summary>
    public int TakeOrdinal() => nextToStart++;

    /// <summary>A segment is on disk, is all zeros, or has failed.</summary>
    /// <param name="ordinal">Its place in the order of the stream.</param>
    /// <param name="segment">The segment.</param>
    public void Settled(int ordinal, in SettledSegment segment)
    {
        if (IsBroken)
            return;
        early.Add(ordinal, segment);
        while (!IsBroken && early.Remove(nextToCount, out SettledSegment next))
        {
            nextToCount++;
            if (next.Written.Fault is { } fault)
            {
                IsBroken = true;
                early.Clear();
                end(next.Segment, fault);
                return;
            }

            if (next.Entry is { } entry)
            {
                entries.Add(entry);
                ends.Add(next.FrameEnd);
            }

            count(next);
        }
    }

    /// <summary>
    /// The crew is gone: frames behind the first gap are not counted, and their segments are returned.
    /// </summary>
    public IEnumerable<long> Restart()
    {
        wasRestarted = true;
        long[] segments = [.. early.Values.Select(static f => f.Segment)];
        early.Clear();
        (nextToStart, nextToCount) = (0, 0);
        return segments;
    }

    /// <summary>
    /// A full disk has no room for the seek table, without which the stream is worth nothing: the last frames make
    /// room.
    /// </summary>
    /// <returns>The first segment that is given up.</returns>
    public long MakeRoom()
    {
        int kept = entries.Count;
        long end = kept == 0 ? 0 : ends[^1];
        long neededBytes = Alignment.Up((entries.Count * FrameFormat.EntryBytes) + FrameFormat.FooterBytes)
            + Alignment.Bytes;
        while (kept > 0 && (kept == entries.Count || end - Alignment.Up(entries[kept].FrameOffset) < neededBytes))
            kept--;
        entries.RemoveRange(kept, entries.Count - kept);
        ends.RemoveRange(kept, ends.Count - kept);
        // What is behind the last frame that stays is all zeros, and even those take room.
        return kept == 0 ? 0 : entries[kept - 1].Segment + 1;
    }

    /// <summary>What the file still needs.</summary>
    /// <param name="wantedEnd">Up to where the content is wanted, in bytes.</param>
    /// <param name="sizeBytes">The source's size.</param>
    public StreamEnd End(long wantedEnd, long sizeBytes)
    {
        long contentEnd = Math.Min(ContentEnd, sizeBytes);
        long zeroBytes = Math.Max(0, wantedEnd - contentEnd);
        return new StreamEnd(
            ends.Count == 0 ? 0 : ends[^1], zeroBytes, contentEnd + zeroBytes, entries, IsCut: IsBroken
                || wasRestarted);
    }
}
