using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// What a stored file has where: its content in a fixed number of cells of the same size, so that the map of any file
/// needs little memory.
/// </summary>
internal sealed class FileMap
{
    /// <summary>The number of cells; a file of fewer blocks has fewer.</summary>
    public const int MaxCells = 240;

    // A file on a disk may have many more; what is behind them counts as data.
    private const int MaxExtents = 100_000;

    private readonly long[] covered;
    private readonly long[] data;
    private readonly long[] stored;
    private bool knowsData;

    private FileMap(long sizeBytes)
    {
        SizeBytes = sizeBytes;
        long blocks = Math.Max(1, (sizeBytes / Alignment.Bytes) + (sizeBytes % Alignment.Bytes == 0 ? 0 : 1));
        Cells = (int)Math.Min(MaxCells, blocks);
        CellBytes = Math.Max(1, (sizeBytes / Cells) + (sizeBytes % Cells == 0 ? 0 : 1));
        covered = new long[Cells];
        data = new long[Cells];
        stored = new long[Cells];
    }

    /// <summary>The size of the content.</summary>
    public long SizeBytes { get; }

    /// <summary>How many cells there are.</summary>
    public int Cells { get; }

    /// <summary>The size of each cell; the last one may be smaller.</summary>
    public long CellBytes { get; }

    /// <summary>The share of a cell that is in the bundle, from 0 to 1.</summary>
    public double Covered(int cell) => Share(covered[cell], LengthOf(cell));

    /// <summary>
    /// The share of a cell that is data, and not a hole; from 0 to 1. Where that is not known, what is there is data.
    /// </summary>
    public double Data(int cell) => knowsData ? Share(data[cell], LengthOf(cell)) : Covered(cell);

    /// <summary>How large the data of a cell is on the disk, as a share of its size; 1 where it is not compressed.
    /// </summary>
    public double Stored(int cell) => data[cell] == 0 ? 1 : Math.Clamp(stored[cell] / (double)data[cell], 0, 1);

    /// <summary>Makes the map of a raw file.</summary>
    /// <param name="entry">Its entry in the receipt.</param>
    /// <param name="source">The file in the bundle.</param>
    public static FileMap OfRaw(ReceiptFile entry, ISourceFile source)
    {
        FileMap map = Empty(entry);
        map.knowsData = true;
        long at = 0;
        for (int i = 0; at < entry.SizeBytes; i++)
        {
            IoResult from = source.SeekData(at);
            if (!from.IsOk && from.Error.Code == ENXIO)
                return map;
            IoResult to = from.IsOk && i < MaxExtents ? source.SeekHole(from.Value) : from;
            // Where the filesystem does not tell, all is data.
            long start = from.IsOk ? from.Value : at;
            long end = to.IsOk && to.Value > start ? Math.Min(to.Value, entry.SizeBytes) : entry.SizeBytes;
            map.Add(map.data, start, end - start, end - start);
            map.Add(map.stored, start, end - start, end - start);
            at = end;
        }

        return map;
    }

    /// <summary>Makes the map of a compressed file.</summary>
    /// <param name="entry">Its entry in the receipt.</param>
    /// <param name="file">The file in the bundle.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <returns>Null where its seek table cannot be read.</returns>
    public static FileMap? OfLz4(ReceiptFile entry, StoredFile file, Scratch scratch)
    {
        if (!SeekTableReader.Read(file, scratch.Window).Try(out SeekTable? table, out _)
            || table.ContentBytes > entry.SizeBytes)
        {
            return null;
        }

        FileMap map = Empty(entry);
        map.knowsData = true;
        StoredFrameIndex frames = new(file, table);
        for (int i = 0; i < frames.Count; i++)
        {
            if (!frames.Entry(i, scratch).Try(out SeekEntry frame, out Damage? _))
                return null;
            long start = SegmentGrid.StartOfSegment(frame.Segment);
            long length = SegmentGrid.LengthOf(frame.Segment, table.ContentBytes);
            map.Add(map.data, start, length, length);
            map.Add(map.stored, start, length, frame.FrameBytes);
        }

        return map;
    }

    /// <summary>The map of a file of which nothing is known but its ranges.</summary>
    public static FileMap Empty(ReceiptFile entry)
    {
        FileMap map = new(entry.SizeBytes);
        foreach (ByteRange range in entry.Ranges)
            map.Add(map.covered, range.Offset, range.Length, range.Length);
        return map;
    }

    private static double Share(long part, long whole) => whole <= 0 ? 0 : Math.Clamp(part / (double)whole, 0, 1);

    /// <summary>The end of a cell.</summary>
    public long EndOf(int cell) => cell == Cells - 1 ? SizeBytes : (cell + 1) * CellBytes;

    private long LengthOf(int cell) => EndOf(cell) - (cell * CellBytes);

    // Spreads a weight evenly over the cells of an extent.
    private void Add(long[] cells, long offset, long length, long weight)
    {
        if (length <= 0)
            return;
        for (long at = offset; at < offset + length;)
        {
            long cell = at / CellBytes;
            if (cell >= Cells)
                return;
            long end = Math.Min(offset + length, EndOf((int)cell));
            cells[cell] += weight == length ? end - at : (long)((end - at) / (double)length * weight);
            at = end;
        }
    }
}
