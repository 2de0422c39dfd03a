using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// Finds data in a file by SEEK_DATA and SEEK_HOLE, which touch nothing: a hole of tmpfs that is read through a mapping
/// becomes memory for good.
/// </summary>
internal static class ExtentWalk
{
    /// <summary>The first data of the ranges at or after an offset.</summary>
    /// <param name="file">The source.</param>
    /// <param name="ranges">What of it is wanted.</param>
    /// <param name="offset">Where to start looking.</param>
    /// <param name="limit">Where to stop looking.</param>
    /// <param name="known">
    /// The last data that was found in this file, as the file has it. Asking for the hole behind it again for each
    /// segment would walk the rest of the file each time.
    /// </param>
    /// <param name="error">Why the file could not be asked; none otherwise.</param>
    /// <returns>
    /// Null when there is no more. The extent's end may cut a longer stretch of data at the end of a range.
    /// </returns>
    public static Extent? Next(
        ISourceFile file, RangeSet ranges, long offset, long limit, ref Extent known, out Errno error)
    {
        error = Errno.None;
        while (ranges.From(offset) is { } range && range.Offset < limit)
        {
            long rangeEnd = Math.Min(range.End, limit);
            if (range.Offset >= known.Offset && range.Offset < known.End)
                return Extent.Between(range.Offset, Math.Min(known.End, rangeEnd));
            IoResult data = file.SeekData(range.Offset);
            if (data.Error.Code == ENXIO)
                return null;
            if (!data.IsOk)
            {
                error = data.Error;
                return null;
            }

            if (data.Value < rangeEnd)
            {
                IoResult hole = file.SeekHole(data.Value);
                // ENXIO: the file was cut between the two calls; what is left of this extent is for the reader to find.
                if (!hole.IsOk && hole.Error.Code != ENXIO)
                {
                    error = hole.Error;
                    return null;
                }

                known = Extent.Between(data.Value, hole.IsOk ? hole.Value : rangeEnd);
                return Extent.Between(Math.Max(data.Value, range.Offset), Math.Min(known.End, rangeEnd));
            }

            offset = data.Value;
        }

        return null;
    }

    /// <summary>
    /// The numbers of the segments that hold data, from a position on: what a supervisor can send on its way.
    /// </summary>
    /// <param name="file">The source.</param>
    /// <param name="ranges">What of it is wanted.</param>
    /// <param name="position">Where to go on; afterwards, where the next call goes on.</param>
    /// <param name="segments">Room for the answer.</param>
    /// <param name="error">Why the walk ended early; none otherwise.</param>
    /// <returns>How many were found; fewer than there is room for means that the walk is over.</returns>
    public static int NextSegments(
        ISourceFile file, RangeSet ranges, ref long position, Span<long> segments, out Errno error)
    {
        error = Errno.None;
        int count = 0;
        while (count < segments.Length)
        {
            if (ranges.From(position) is not { } range)
                break;
            IoResult data = file.SeekData(range.Offset);
            if (!data.IsOk)
            {
                if (data.Error.Code != ENXIO)
                    error = data.Error;
                break;
            }

            if (data.Value >= range.End)
            {
                position = data.Value;
                continue;
            }

            segments[count++] = SegmentGrid.IndexOf(data.Value);
            position = SegmentGrid.StartOf(data.Value) + SegmentGrid.SegmentBytes;
        }

        return count;
    }
}
