using System.IO.Hashing;
using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;

namespace BundleCopier.Restore;

/// <summary>
/// A file that is stored as an LZ4 stream. Each data frame is a unit. With <paramref name="checksGaps"/>, the bytes
/// before a frame belong to its unit, and the bytes after the last frame are one more unit, so every byte of the file
/// is checked.
/// </summary>
internal sealed class Lz4Content(
    StoredFile file,
    FrameIndex frames,
    long contentBytes,
    RangeSet ranges,
    bool checksGaps,
    IReadOnlyList<Damage> flaws) : IStoredContent
{
    // What one read brings at least. Frames can be tiny: a read for each of them took a minute for 524,288 frames.
    private const int MinReadBytes = 128 * 1024;

    private int taken;

    public long SizeBytes => contentBytes;

    public IReadOnlyList<Damage> Flaws => flaws;

    public bool ChecksSegments => true;

    private long UnitCount => checksGaps ? frames.Count + 1L : frames.Count;

    /// <summary>Reads the file's seek table. With damage, the caller keeps the file.</summary>
    public static Result<IStoredContent, Damage> Open(
        StoredFile file,
        long contentBytes,
        RangeSet ranges,
        ContentUse use,
        Scratch scratch,
        CancellationToken stop)
    {
        // After a copy that was stopped, or whose disk was full, the stream ends where the receipt's ranges end.
        long minBytes = ranges.IsEmpty ? 0 : ranges.AsSpan()[^1].End;
        if (!SeekTableReader.Read(file, scratch.Window).Try(out SeekTable? table, out Damage? damage))
        {
            if (use == ContentUse.Whole)
                return damage;
            FrameWalk walk = new(file, contentBytes, scratch);
            Damage? end = walk.Run(minBytes, stop);
            return Result<IStoredContent, Damage>.Ok(new Lz4Content(
                file, walk.Frames, contentBytes, ranges, checksGaps: false, end is null ? [damage] : [damage, end]));
        }

        if (table.ContentBytes > contentBytes || table.ContentBytes < minBytes)
        {
            return Damage.WholeFile(
                DamageKind.WrongSize, $"It holds {table.ContentBytes} bytes and should hold {contentBytes}.");
        }

        return Result<IStoredContent, Damage>.Ok(
            new Lz4Content(
                file, new StoredFrameIndex(file, table), contentBytes, ranges, use == ContentUse.Verify, flaws: []));
    }

    public Result<long?, Damage> TakeUnit(Scratch scratch) =>
        Result<long?, Damage>.Ok(taken < UnitCount ? taken++ : null);

    public Result<long?, Damage> Load(long unit, Scratch scratch)
    {
        int index = (int)unit;
        scratch.Lease.Empty();
        scratch.StoredBytes = 0;
        SeekEntry? entry = null;
        if (index < frames.Count)
        {
            if (!frames.Entry(index, scratch).Try(out SeekEntry found, out Damage? unread))
                return unread;
            entry = found;
        }

        Damage? gap = checksGaps ? CheckGap(index, entry, scratch) : null;
        // A frame that is damaged too says more than the gap before it.
        Damage? damage = entry is { } frame ? Decode(frame, scratch) ?? gap : gap;
        return damage is null ? Result<long?, Damage>.Ok(entry?.Segment) : damage;
    }

    public Damage? LoadSegment(long segment, Scratch scratch)
    {
        scratch.Lease.Empty();
        if (!frames.IndexOf(segment, scratch).Try(out int index, out Damage? damage))
            return damage;
        if (index < 0)
            return null;
        return frames.Entry(index, scratch).Try(out SeekEntry entry, out damage) ? Decode(entry, scratch) : damage;
    }

    public void Dispose() => file.Source.Dispose();

    private Damage? CheckGap(int index, SeekEntry? after, Scratch scratch)
    {
        SeekEntry? before = null;
        if (index > 0)
        {
            if (!frames.Entry(index - 1, scratch).Try(out SeekEntry found, out Damage? unread))
                return unread;
            before = found;
        }

        long zerosFrom = before is { } b ? EndOfContent(b.Segment) : 0;
        long zerosTo = after is { } n ? SegmentGrid.StartOfSegment(n.Segment) : frames.ContentBytes;
        return scratch.Gaps.Check(
            file,
            scratch.Window,
            before?.End ?? 0,
            after?.FrameOffset ?? frames.Offset,
            zerosTo - zerosFrom,
            after is { } next ? ReadEnd(next) : frames.Offset);
    }

    private Damage? Decode(SeekEntry entry, Scratch scratch) => TryDecode(entry, scratch) is { } damage
        ? damage with
        {
            Lost = new ByteRange(
                SegmentGrid.StartOfSegment(entry.Segment), SegmentGrid.LengthOf(entry.Segment, frames.ContentBytes)),
        }
        : null;

    private Damage? TryDecode(SeekEntry entry, Scratch scratch)
    {
        Lease lease = scratch.Lease;
        lease.Empty();
        scratch.StoredBytes = entry.FrameBytes;
        if (scratch.Window.Load(file, entry.FrameOffset, entry.FrameBytes, ReadEnd(entry)) is { } damage)
            return damage with { Frame = entry.Segment };
        ReadOnlySpan<byte> frame = scratch.Window.Loaded;
        int length = SegmentGrid.LengthOf(entry.Segment, frames.ContentBytes);
        if (FrameDecoder.Decode(frame, lease.Slab[..length]) is { } flaw)
            return flaw.At(entry.FrameOffset, entry.Segment);
        // LZ4 can encode the same content in several ways, so the content's checksum does not find every changed bit.
        if (frames.HasHashes && XxHash3.HashToUInt64(frame) != entry.FrameHash)
            return new FrameFlaw(DamageKind.FrameChecksum, 0).At(entry.FrameOffset, entry.Segment);

        int blocksLength = (int)Alignment.Up(length);
        lease.Slab[length..blocksLength].Clear();
        ranges.ClearOutside(lease.Slab[..blocksLength], SegmentGrid.StartOfSegment(entry.Segment));
        scratch.Inspector.Begin();
        scratch.Inspector.Inspect(lease.Slab, 0, blocksLength);
        lease.Digest = scratch.Inspector.End();
        foreach (Run run in scratch.Inspector.Found.AsSpan())
            lease.Runs.Add(run.Offset, run.Length);
        return null;
    }

    // Where reading a frame ends: with it, or behind the small frames after it.
    private long ReadEnd(SeekEntry frame) =>
        Math.Max(frame.End, Math.Min(frame.FrameOffset + MinReadBytes, frames.Offset));

    private long EndOfContent(long segment) =>
        SegmentGrid.StartOfSegment(segment) + SegmentGrid.LengthOf(segment, frames.ContentBytes);
}
