namespace BundleCopier.Model;

/// <summary>A range inside a segment, in bytes. It starts and ends on block boundaries.</summary>
internal readonly record struct Run(int Offset, int Length)
{
    public int End => Offset + Length;
}

/// <summary>
/// The runs of one segment: sorted, never touching. A segment has at most one run for every second block, so the
/// array is allocated once and never grows.
/// </summary>
internal sealed class RunList
{
    private readonly Run[] runs;
    private int count;

    /// <param name="blocks">The number of blocks in the segment.</param>
    public RunList(int blocks = SegmentGrid.BlocksPerSegment) => runs = new Run[(blocks + 1) / 2];

    public int Count => count;

    public ReadOnlySpan<Run> AsSpan() => runs.AsSpan(0, count);

    public int TotalBytes
    {
        get
        {
            int total = 0;
            foreach (Run run in AsSpan())
                total += run.Length;
            return total;
        }
    }

    /// <summary>How many bytes of the runs lie before an offset inside the segment.</summary>
    public int BytesBefore(int offset)
    {
        int total = 0;
        foreach (Run run in AsSpan())
            total += Math.Clamp(offset - run.Offset, 0, run.Length);
        return total;
    }

    public void Clear() => count = 0;

    /// <summary>Appends a run. A run that starts where the last one ends extends the last one.</summary>
    public void Add(int offset, int length)
    {
        if (count > 0 && runs[count - 1].End > offset)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "Runs are added in order.");
        if (count > 0 && runs[count - 1].End == offset)
            runs[count - 1] = runs[count - 1] with { Length = runs[count - 1].Length + length };
        else
            runs[count++] = new Run(offset, length);
    }

    /// <summary>Removes everything at or after an offset inside the segment.</summary>
    public void CutAt(int offset)
    {
        while (count > 0 && runs[count - 1].Offset >= offset)
            count--;
        if (count > 0 && runs[count - 1].End > offset)
            runs[count - 1] = runs[count - 1] with { Length = offset - runs[count - 1].Offset };
    }
}
