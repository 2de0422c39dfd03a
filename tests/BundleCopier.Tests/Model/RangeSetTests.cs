using BundleCopier.Model;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Model;

/// <summary>Compares a set of ranges with the simplest model: one bool per byte.</summary>
public sealed class RangeSetTests
{
    private const int Size = 60;

    [Fact]
    public void Sets_of_ranges_are_sets_of_bytes() => Seeds.Each(1, 2000, seed =>
    {
        Random random = new(seed);
        (RangeSet set, bool[] bytes) = Draw(random);
        (RangeSet other, bool[] otherBytes) = Draw(random);
        int start = random.Next(Size);
        int end = random.Next(start, Size + 10);

        Assert.Equal(bytes, BytesOf(set));
        Assert.Equal(bytes.Count(b => b), set.TotalBytes);
        Assert.Equal(!bytes.Contains(true), set.IsEmpty);
        Assert.Equal(bytes.Select((b, i) => b && !otherBytes[i]), BytesOf(set.Without(other)));
        Assert.Equal(bytes.Select((b, i) => b && i >= start && i < end), BytesOf(set.Within(start, end)));
        Assert.Equal(set.Within(start, end).TotalBytes, set.BytesWithin(start, end));

        int first = Array.FindIndex(bytes, start, b => b);
        Assert.Equal(first, set.From(start)?.Offset ?? -1);
        if (first >= 0)
        {
            int length = Enumerable.Range(first, Size - first).TakeWhile(i => bytes[i]).Count();
            Assert.Equal(length, set.From(start)!.Value.Length);
        }

        byte[] buffer = [.. Enumerable.Repeat((byte)7, end - start)];
        set.ClearOutside(buffer, start);
        IEnumerable<int> offsets = Enumerable.Range(start, end - start);
        Assert.Equal(offsets.Select(i => (byte)(i < Size && bytes[i] ? 7 : 0)), buffer);
    });

    [Fact]
    public void Ranges_are_sorted_and_never_touch_and_are_never_empty() => Seeds.Each(1, 300, seed =>
    {
        Extent[] ranges = Draw(new Random(seed)).Set.AsSpan().ToArray();
        Assert.All(ranges, r => Assert.True(r.Length > 0));
        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.Offset));
    });

    [Fact]
    public void A_range_is_aligned_on_block_boundaries_and_at_the_end_of_the_file_only()
    {
        Assert.True(RangeSet.Whole(5000).IsBlockAligned(5000));
        Assert.True(RangeSet.Of([new Extent(4096, 4096)]).IsBlockAligned(100_000));
        Assert.False(RangeSet.Of([new Extent(4096, 4095)]).IsBlockAligned(100_000));
        Assert.False(RangeSet.Of([new Extent(1, 4095)]).IsBlockAligned(4096));
    }

    [Fact]
    public void A_range_to_the_largest_offset_is_cut_at_the_end_of_the_file() =>
        Assert.Equal([new Extent(10, 90)], RangeSet.Of([new Extent(10, long.MaxValue - 10)], 100).AsSpan().ToArray());

    private static (RangeSet Set, bool[] Bytes) Draw(Random random)
    {
        bool[] bytes = new bool[Size];
        List<Extent> ranges = [];
        for (int i = random.Next(6); i > 0; i--)
        {
            Extent range = new(random.Next(Size), random.Next(15));
            ranges.Add(range);
            for (long at = range.Offset; at < Math.Min(range.End, Size); at++)
                bytes[at] = true;
        }

        return (RangeSet.Of(ranges, Size), bytes);
    }

    private static bool[] BytesOf(RangeSet set)
    {
        bool[] bytes = new bool[Size];
        foreach (Extent range in set.AsSpan())
            bytes.AsSpan((int)range.Offset, (int)range.Length).Fill(true);
        return bytes;
    }
}
