using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>The account of one file: what of it is in the output, and what is missing and why. Pure.</summary>
/// <param name="source">The source.</param>
internal sealed class SavedContent(OpenedSource source)
{
    private OpenedSource source = source;
    private readonly FileChecksum checksum = new();
    private readonly List<Extent> missing = [];
    private long savedBytes;
    private RangeSet? covered; // made from `missing` when it is asked for; null after a change
    private long mappedMinusReadBytes;

    /// <summary>The first thing that went wrong; what follows from it is not worth telling.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Some of the content is in the output, or there is no content to save.</summary>
    public bool IsWorthKeeping => Fault is null || !Covered.IsEmpty || source.Ranges.IsEmpty;

    /// <summary>Data that is saved, in bytes: it is in the output, or was found to be zeros.</summary>
    public long DataBytes => missing.Count == 0 ? savedBytes : Math.Min(savedBytes, Covered.TotalBytes);

    public long WrittenBytes { get; set; }

    /// <summary>How much of it an earlier run has written, in bytes, as far as it is found to be good.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>What is really in the output.</summary>
    public RangeSet Covered =>
        covered ??= missing.Count == 0 ? source.Ranges : source.Ranges.Without(RangeSet.Of(missing));

    /// <summary>
    /// The end of what the output can have. Zeros behind the last frame are content too, as far as they are known to be
    /// zeros.
    /// </summary>
    public long WantedEnd =>
        missing.Count == 0 ? source.Status.SizeBytes : Covered.IsEmpty ? 0 : Covered.AsSpan()[^1].End;

    /// <summary>How most of its bytes were read; before any were, how they would be.</summary>
    public ReadMode ReadMode =>
        mappedMinusReadBytes == 0 ? source.ReadMode : mappedMinusReadBytes > 0 ? ReadMode.Map : ReadMode.Slab;

    /// <summary>
    /// The hashes of a raw file's segments, to store beside the receipt; null where they would not tell more than the
    /// checksum of the file.
    /// </summary>
    public IReadOnlyList<SegmentDigest>? SegmentsToStore =>
        !source.IsCompressed && checksum.Count > 0 && source.Status.SizeBytes > SegmentGrid.SegmentBytes
            ? checksum.InOrder() : null;

    public ulong CompleteChecksum() => checksum.Complete(source.Status.SizeBytes);

    /// <summary>A stream has ended: its size is known now.</summary>
    public void FixSize(OpenedSource ended)
    {
        source = ended;
        covered = null;
    }

    /// <summary>Something is wrong with the file as a whole, and nothing is missing from the output.</summary>
    public void Blame(Fault fault) => Fault ??= fault;

    /// <summary>Counts a segment that an earlier run has written.</summary>
    public void Keep(KeptSegment segment)
    {
        if (segment.Digest is { } digest)
            checksum.Add(segment.Segment, digest);
        savedBytes += segment.DataBytes;
        WrittenBytes += segment.WrittenBytes;
        KeptBytes += segment.WrittenBytes;
        mappedMinusReadBytes -= segment.DataBytes;
    }

    /// <summary>Counts a segment that an earlier run has written and that the source has, too.</summary>
    public void CountKept(in SettledSegment segment)
    {
        Count(segment);
        KeptBytes += segment.Written.WrittenBytes;
    }

    /// <summary>Counts a segment that has settled.</summary>
    public void Count(in SettledSegment segment)
    {
        if (segment.Fault is { } fault)
        {
            long start = SegmentGrid.StartOfSegment(segment.Segment);
            int validBytes = Math.Min(segment.Read.ValidBytes, segment.Written.ValidBytes);
            Miss(start + validBytes, start + SegmentGrid.SegmentBytes, fault);
        }

        if (segment.Digest is { } digest)
            checksum.Add(segment.Segment, digest);
        savedBytes += segment.SavedDataBytes;
        WrittenBytes += segment.Written.WrittenBytes;
        mappedMinusReadBytes += segment.Mode == ReadMode.Map ? segment.Read.DataBytes : -segment.Read.DataBytes;
    }

    /// <summary>A segment is missing.</summary>
    public void MissSegment(long segment, Fault fault)
    {
        long start = SegmentGrid.StartOfSegment(segment);
        Miss(start, start + SegmentGrid.SegmentBytes, fault);
    }

    /// <summary>Bytes are missing.</summary>
    public void Miss(long start, long end, Fault fault)
    {
        Fault ??= fault;
        if (end <= start)
            return;
        missing.Add(Extent.Between(start, end));
        covered = null;
    }

    /// <summary>A segment and all behind it are missing, although some of them may have been counted.</summary>
    public void CutAt(long segment, Fault fault)
    {
        Miss(SegmentGrid.StartOfSegment(segment), source.Status.SizeBytes, fault);
        checksum.CutAt(segment);
    }

    /// <summary>
    /// Gives up the shortest pieces of a file that failures have split into too many for the receipt: what the receipt
    /// lists is still true then, but it lists less. Whole segments are given up, because each has one hash.
    /// </summary>
    public void LimitRanges(int maxRanges)
    {
        if (Covered.Count <= maxRanges)
            return;
        HashSet<long> lost = [];
        foreach (Extent piece in Covered.AsSpan().ToArray().OrderByDescending(static p => p.Length).Skip(maxRanges))
        {
            for (long segment = SegmentGrid.IndexOf(piece.Offset); segment <= SegmentGrid.IndexOf(piece.End - 1);
                segment++)
            {
                lost.Add(segment);
            }
        }

        missing.AddRange(lost.Select(static segment =>
            new Extent(SegmentGrid.StartOfSegment(segment), SegmentGrid.SegmentBytes)));
        covered = null;
        checksum.Remove(lost);
    }
}
