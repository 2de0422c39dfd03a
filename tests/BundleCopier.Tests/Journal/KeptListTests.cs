using BundleCopier.Journal;
using BundleCopier.Lz4;
using Xunit;

namespace BundleCopier.Tests.Journal;

public sealed class KeptListTests
{
    [Fact]
    public void Segments_are_in_order_and_those_of_a_later_run_replace_earlier_ones()
    {
        KeptList list = new();
        list.BeginRun();
        foreach (long segment in (long[])[2, 0, 1, 9])
            list.Add(new KeptSegment(segment, (ulong)segment, 10, 4096));
        list.BeginRun();
        foreach (long segment in (long[])[5, 1])
            list.Add(new KeptSegment(segment, (ulong)segment + 100, 20, 8192));
        Assert.Equal(5, list.Count);
        Assert.Equal([(0, 0UL), (1, 101), (2, 2), (5, 105), (9, 9)],
            Enumerable.Range(0, 5).Select(i => (list[i].Segment, list[i].Digest!.Value)));
        Assert.Equal(70, list.DataBytes);
    }

    [Fact]
    public void A_frame_cuts_the_stream_before_it()
    {
        KeptList list = new();
        foreach (long segment in (long[])[0, 1, 4, 1])
            list.Add(new KeptSegment(segment, 7, 10, 4096, new SeekEntry(segment, 100, segment * 8192, 3), 8192));
        list.Add(new KeptSegment(8, 7, 10, 4096)); // no frame
        Assert.Equal([0L, 1], Enumerable.Range(0, list.Count).Select(i => list[i].Frame!.Value.Segment));
    }

    [Fact]
    public void What_does_not_agree_is_moved_out()
    {
        KeptList list = new();
        for (long segment = 0; segment < 4; segment++)
            list.Add(new KeptSegment(segment, 1, 10, 4096));
        list.Move(1, 0);
        list.Move(3, 1);
        list.Truncate(2);
        Assert.Equal([1L, 3], Enumerable.Range(0, list.Count).Select(i => list[i].Segment));
    }

    // The list doubles while it grows, so the arrays that it leaves behind count, too.
    [Fact]
    public void A_segment_takes_32_bytes()
    {
        const int count = 1 << 16;
        KeptSegment[] segments = [.. Enumerable.Range(0, count).Select(static i => new KeptSegment(i, 1, 1, 1))];
        KeptList list = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (KeptSegment segment in segments)
            list.Add(segment);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / count, 32, 66);
    }
}
