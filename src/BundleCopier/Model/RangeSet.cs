using System.Collections;

namespace BundleCopier.Model;

/// <summary>Ranges of one file, in bytes: sorted, never touching, never empty. Immutable.</summary>
internal sealed class RangeSet : IReadOnlyList<ByteRange>
{
    private readonly Extent[] ranges;

    private RangeSet(Extent[] ranges) => this.ranges = ranges;

    public static RangeSet Empty { get; } = new([]);

    public ReadOnlySpan<Extent> AsSpan() => ranges;

    public bool IsEmpty => ranges.Length == 0;

    public int Count => ranges.Length;

    /// <summary>True when the set covers the whole file.</summary>
    public bool IsWhole(long sizeBytes) =>
        sizeBytes == 0 ? IsEmpty : ranges.Length == 1 && ranges[0] == new Extent(0, sizeBytes);

    public long TotalBytes
    {
        get
        {
            long total = 0;
            foreach (Extent range in ranges)
                total += range.Length;
            return total;
        }
    }

    /// <summary>
    /// True when direct I/O can move exactly these bytes: each range starts and ends on a block boundary, or ends
    /// where the file ends.
    /// </summary>
    public bool IsBlockAligned(long sizeBytes)
    {
        foreach (Extent range in ranges)
        {
            if (!Alignment.IsAligned(range.Offset) || !(Alignment.IsAligned(range.End) || range.End == sizeBytes))
                return false;
        }

        return true;
    }

    public static RangeSet Whole(long sizeBytes) => sizeBytes == 0 ? Empty : new([new Extent(0, sizeBytes)]);

    /// <summary>
    /// Sorts ranges, joins those that touch or overlap, drops empty ones, and cuts at the end of the file.
    /// </summary>
    public static RangeSet Of(IEnumerable<Extent> unordered, long sizeBytes = long.MaxValue)
    {
        List<Extent> joined = [];
        foreach (Extent range in unordered.OrderBy(r => r.Offset))
        {
            Extent cut = new(range.Offset, Math.Min(range.End, sizeBytes) - range.Offset);
            if (cut.Length <= 0)
                continue;
            if (joined.Count > 0 && joined[^1].End >= cut.Offset)
                joined[^1] = Extent.Between(joined[^1].Offset, Math.Max(joined[^1].End, cut.End));
            else
                joined.Add(cut);
        }

        return new RangeSet([.. joined]);
    }

    /// <summary>
    /// A set of ranges that are in order already; null where they are not, or where two touch. A receipt may list many,
    /// and no more memory is used than the set needs.
    /// </summary>
    public static RangeSet? OfOrdered(List<ByteRange> ordered)
    {
        Extent[] found = new Extent[ordered.Count];
        long end = -1;
        for (int i = 0; i < found.Length; i++)
        {
            (long offset, long length) = ordered[i];
            if (offset <= end || length <= 0 || length > long.MaxValue - offset)
                return null;
            found[i] = new Extent(offset, length);
            end = found[i].End;
        }

        return new RangeSet(found);
    }

    /// <summary>A range.</summary>
    public ByteRange this[int index] => new(ranges[index].Offset, ranges[index].Length);

    public IEnumerator<ByteRange> GetEnumerator()
    {
        foreach (Extent range in ranges)
            yield return new ByteRange(range.Offset, range.Length);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// The first range that ends after an offset, without its part before the offset; null when there is none.
    /// </summary>
    public Extent? From(long offset)
    {
        int at = FirstEndingAfter(offset);
        return at == ranges.Length ? null : Extent.Between(Math.Max(offset, ranges[at].Offset), ranges[at].End);
    }

    /// <summary>The part of the set between two offsets.</summary>
    public RangeSet Within(long start, long end)
    {
        List<Extent> found = [];
        for (int i = FirstEndingAfter(start); i < ranges.Length && ranges[i].Offset < end; i++)
            found.Add(Extent.Between(Math.Max(start, ranges[i].Offset), Math.Min(end, ranges[i].End)));
        return new RangeSet([.. found]);
    }

    /// <summary>How many bytes of the set lie between two offsets.</summary>
    public long BytesWithin(long start, long end)
    {
        long total = 0;
        for (int i = FirstEndingAfter(start); i < ranges.Length && ranges[i].Offset < end; i++)
            total += Math.Min(end, ranges[i].End) - Math.Max(start, ranges[i].Offset);
        return total;
    }

    /// <summary>This set without the bytes of another.</summary>
    public RangeSet Without(RangeSet other)
    {
        if (other.IsEmpty)
            return this;
        List<Extent> left = [];
        foreach (Extent range in ranges)
        {
            long start = range.Offset;
            foreach (Extent removed in other.Within(range.Offset, range.End).ranges)
            {
                if (removed.Offset > start)
                    left.Add(Extent.Between(start, removed.Offset));
                start = removed.End;
            }

            if (start < range.End)
                left.Add(Extent.Between(start, range.End));
        }

        return new RangeSet([.. left]);
    }

    /// <summary>Fills the bytes of a buffer that are not in the set with zeros.</summary>
    /// <param name="buffer">Bytes of the file from <paramref name="offset"/> on.</param>
    /// <param name="offset">The buffer's offset in the file.</param>
    public void ClearOutside(Span<byte> buffer, long offset)
    {
        long end = offset + buffer.Length;
        long at = offset;
        for (int i = FirstEndingAfter(offset); i < ranges.Length && ranges[i].Offset < end; i++)
        {
            if (ranges[i].Offset > at)
                buffer[(int)(at - offset)..(int)(ranges[i].Offset - offset)].Clear();
            at = Math.Min(end, ranges[i].End);
        }

        buffer[(int)(at - offset)..].Clear();
    }

    private int FirstEndingAfter(long offset)
    {
        int low = 0;
        int high = ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].End <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>A range of a file, in bytes.</summary>
internal readonly record struct Extent(long Offset, long Length)
{
    public long End => Offset + Length;

    public static Extent Between(long start, long end) => new(start, end - start);
}
