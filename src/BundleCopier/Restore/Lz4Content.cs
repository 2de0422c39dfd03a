using System.IO.Hashing;
using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;

namespace BundleCopier.Restore;

/// <summary>
/// A file that is stored as an LZ4 stream. Its units are its data frames; with <paramref name="checksGaps"/>, each with
/// what lies before it, and one more for what lies behind the last, so that every byte of the file is somebody's.
/// </summary>
internal sealed class Lz4Content(StoredFile file, SeekTable table, long contentBytes, RangeSet ranges, bool checksGaps) : IStoredContent
{
    private int taken;

    public long SizeBytes => contentBytes;

    private long UnitCount => checksGaps ? table.Count + 1L : table.Count;

    /// <summary>Reads a file's seek table; the file stays the caller's when there is damage.</summary>
    public static Lz4Content? Open(StoredFile file, long contentBytes, RangeSet ranges, bool checksGaps, Scratch scratch, out Damage? damage)
    {
        SeekTable? table = SeekTableReader.Read(file, scratch.Window, out damage);
        if (table is null)
            return null;
        // A copy that was stopped, or whose disk was full, ends where the receipt's ranges end.
        long minBytes = ranges.IsEmpty ? 0 : ranges.AsSpan()[^1].End;
        if (table.ContentBytes > contentBytes || table.ContentBytes < minBytes)
            damage = Damage.WholeFile(DamageKind.WrongSize, $"It holds {table.ContentBytes} bytes and should hold {contentBytes}.");
        return damage is null ? new Lz4Content(file, table, contentBytes, ranges, checksGaps) : null;
    }

    public bool TakeUnit(out long unit, out Damage? damage)
    {
        damage = null;
        unit = taken < UnitCount ? taken++ : -1;
        return unit >= 0;
    }

    public long Load(long unit, Scratch scratch, out Damage? damage)
    {
        int index = (int)unit;
        damage = checksGaps ? CheckGap(index, scratch) : null;
        if (index == table.Count || damage is not null)
        {
            scratch.Lease.Empty();
            return -1;
        }

        damage = Decode(table[index], scratch);
        return table[index].Segment;
    }

    public Damage? LoadSegment(long segment, Scratch scratch)
    {
        scratch.Lease.Empty();
        int index = table.IndexOf(segment);
        return index < 0 ? null : Decode(table[index], scratch);
    }

    public void Dispose() => file.Source.Dispose();

    private Damage? CheckGap(int index, Scratch scratch)
    {
        SeekEntry? before = index == 0 ? null : table[index - 1];
        SeekEntry? behind = index == table.Count ? null : table[index];
        long zerosFrom = before is { } b ? EndOfContent(b.Segment) : 0;
        long zerosTo = behind is { } n ? n.Segment * (long)SegmentGrid.SegmentBytes : table.ContentBytes;
        return scratch.Gaps.Check(
            file, scratch.Window, before?.End ?? 0, behind?.FrameOffset ?? table.Offset, zerosTo - zerosFrom, behind?.End ?? table.Offset);
    }

    private Damage? Decode(SeekEntry entry, Scratch scratch)
    {
        Lease lease = scratch.Lease;
        lease.Empty();
        ReadOnlySpan<byte> frame = scratch.Window.Get(file, entry.FrameOffset, entry.FrameBytes, entry.End, out Damage? damage);
        if (damage is not null)
            return damage with { Frame = entry.Segment };
        int length = FrameFormat.SegmentLength(entry.Segment, table.ContentBytes);
        if (FrameDecoder.Decode(frame, lease.Slab[..length]) is { } flaw)
            return flaw.At(entry.FrameOffset, entry.Segment);
        // The same content can be encoded in several ways, so its own checksum does not see every changed bit of a frame.
        if (XxHash3.HashToUInt64(frame) != entry.FrameHash)
            return new FrameFlaw(DamageKind.FrameChecksum, 0).At(entry.FrameOffset, entry.Segment);

        int blocksLength = (int)Alignment.Up(length);
        lease.Slab[length..blocksLength].Clear();
        ranges.ClearOutside(lease.Slab[..blocksLength], entry.Segment * (long)SegmentGrid.SegmentBytes);
        scratch.Inspector.Begin();
        scratch.Inspector.Inspect(lease.Slab, 0, blocksLength);
        lease.Digest = scratch.Inspector.End();
        foreach (Run run in scratch.Inspector.Found.AsSpan())
            lease.Runs.Add(run.Offset, run.Length);
        return null;
    }

    private long EndOfContent(long segment) =>
        (segment * SegmentGrid.SegmentBytes) + FrameFormat.SegmentLength(segment, table.ContentBytes);
}
