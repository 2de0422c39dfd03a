using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// Finds data in a file with SEEK_DATA and SEEK_HOLE. They allocate nothing, while reading a hole of tmpfs through a
/// mapping allocates a page that stays.
/// </summary>
internal static class ExtentWalk
{
    /// <summary>The first data of the ranges at or after an offset.</summary>
    /// <param name="file">The source.</param>
    /// <param name="ranges">The wanted bytes.</param>
    /// <param name="offset">The offset to start from.</param>
    /// <param name="limit">The offset to stop at.</param>
    /// <param name="known">
    /// The last stretch of data that was found in this file. Without it, each segment would ask again for the next
    /// hole, which walks the rest of the data each time.
    /// </param>
    /// <returns>
    /// Null when there is no more. The extent ends where the range ends, even if the data goes on.
    /// </returns>
    public static IoResult<Extent?> Next(
        ISourceFile file, RangeSet ranges, long offset, long limit, ref Extent known)
    {
        while (ranges.From(offset) is { } range && range.Offset < limit)
        {
            long rangeEnd = Math.Min(range.End, limit);
            if (range.Offset >= known.Offset && range.Offset < known.End)
                return IoResult<Extent?>.Ok(Extent.Between(range.Offset, Math.Min(known.End, rangeEnd)));
            IoResult data = DataFrom(file, range.Offset);
            if (data.Error.Code == ENXIO)
                break;
            if (!data.IsOk)
                return IoResult<Extent?>.Failed(data.Error);

            if (data.Value < rangeEnd)
            {
                IoResult hole = file.SeekHole(data.Value);
                // ENXIO: the file was cut between the two calls. The reader finds out how much of the extent is left.
                if (!hole.IsOk && hole.Error.Code != ENXIO && !IsUnknown(file, hole.Error))
                    return IoResult<Extent?>.Failed(hole.Error);
                // Data that became a hole between the two calls is taken for a block of data, so that no extent is
                // empty.
                known = Extent.Between(data.Value, hole.IsOk
                    ? Math.Max(hole.Value, Alignment.Up(data.Value + 1))
                    : rangeEnd);
                return IoResult<Extent?>.Ok(
                    Extent.Between(Math.Max(data.Value, range.Offset), Math.Min(known.End, rangeEnd)));
            }

            offset = data.Value;
        }

        return IoResult<Extent?>.Ok(null);
    }

    /// <summary>Finds the next segments with data.</summary>
    /// <param name="file">The source.</param>
    /// <param name="ranges">The wanted bytes.</param>
    /// <param name="position">The offset to start from; afterwards, the offset for the next call.</param>
    /// <param name="segments">Gets the numbers of the segments.</param>
    /// <returns>
    /// How many were found, and the error that ended the walk early. Fewer than there is room for: the walk is over.
    /// </returns>
    public static IoResult NextSegments(ISourceFile file, RangeSet ranges, ref long position, Span<long> segments)
    {
        int count = 0;
        while (count < segments.Length)
        {
            if (ranges.From(position) is not { } range)
                break;
            IoResult data = DataFrom(file, range.Offset);
            if (data.Error.Code == ENXIO)
                break;
            if (!data.IsOk)
                return new IoResult(count, data.Error);
            if (data.Value >= range.End)
            {
                position = data.Value;
                continue;
            }

            segments[count++] = SegmentGrid.IndexOf(data.Value);
            position = SegmentGrid.StartOf(data.Value) + SegmentGrid.SegmentBytes;
        }

        return IoResult.Ok(count);
    }

    /// <summary>
    /// The first data at or after an offset. A server of FUSE may name an earlier place, and each walk would begin
    /// again there for ever. Where a filesystem does not know holes, all is data, as for cp. tmpfs always knows them,
    /// and reading a hole through a mapping would fill it.
    /// </summary>
    private static IoResult DataFrom(ISourceFile file, long offset)
    {
        IoResult data = file.SeekData(offset);
        if (data.IsOk)
            return data.Value < offset ? IoResult.Ok(offset) : data;
        return IsUnknown(file, data.Error) ? IoResult.Ok(offset) : data;
    }

    private static bool IsUnknown(ISourceFile file, Errno error) =>
        !file.Traits.IsShared && (error.Code == EINVAL || error.Code == EOPNOTSUPP);
}
