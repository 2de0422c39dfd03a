using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;

namespace BundleCopier.Segments;

/// <summary>The workers that a job goes through, by number.</summary>
/// <param name="Reader">Fills the lease.</param>
/// <param name="Compressor">Makes the frame; not used by raw files.</param>
/// <param name="Writer">Writes, and reports to the supervisor.</param>
internal readonly record struct JobRoute(int Reader, int Compressor, int Writer);

/// <summary>
/// One segment in flight: supervisor, reader, perhaps compressor, writer, and back to the supervisor. A job has one
/// holder at a time, the same as its leases, and only the holder touches it.
/// </summary>
/// <param name="file">The segment's file.</param>
/// <param name="segment">The segment's number on the <see cref="SegmentGrid"/>.</param>
/// <param name="mode">By slab or by mapping.</param>
/// <param name="lease">What the segment travels in.</param>
/// <param name="frame">Room for the segment's frame; null for a raw file.</param>
internal sealed class SegmentJob(FilePair file, long segment, ReadMode mode, Lease lease, Lease? frame)
{
    public FilePair File => file;

    public long Segment => segment;

    public ReadMode Mode => mode;

    public Lease Lease { get; private set; } = lease;

    public Lease? Frame => frame;

    /// <summary>Where the segment starts, in bytes from the start of the file.</summary>
    public long StartOffset => SegmentGrid.StartOfSegment(segment);

    /// <summary>
    /// The segment's length in bytes; the last one of a file may be short. That of a stream is known once it is read.
    /// </summary>
    public int LengthBytes
    {
        get
        {
            SegmentOutcome found = Read;
            return file.Source.Stream is null
                ? SegmentGrid.LengthOf(segment, file.Source.Status.SizeBytes)
                : found.ValidBytes;
        }
    }

    public JobRoute Route { get; init; }

    /// <summary>Workers that a bug killed while they held this segment.</summary>
    public int Kills { get; init; }

    /// <summary>
    /// An earlier job for the same segment may have written other bytes of it: the writer makes it a hole first.
    /// </summary>
    public bool IsRewrite { get; init; }

    /// <summary>
    /// What is in the output already, from an earlier run: the source is read and compared with it. Null for a segment
    /// that is copied. A job of a compressed file with this has no frame, and writes nothing.
    /// </summary>
    public KeptSegment? Kept { get; init; }

    /// <summary>
    /// The jobs that share one slab, one order and one request to the disk, this one among them; null for one alone.
    /// </summary>
    public SegmentJob[]? Batch { get; set; }

    /// <summary>
    /// For a compressed file: how many of its segments started before this one since the crew was hired.
    /// </summary>
    public int Ordinal { get; init; }

    /// <summary>On the first job of a batch: how many jobs of the batch have settled.</summary>
    public int SettledOfBatch { get; set; }

    /// <summary>The space that is set aside for it on the disk, in bytes.</summary>
    public long SpaceBytes { get; init; }

    /// <summary>The most that it may write, in bytes, because the rest of the disk must stay free.</summary>
    public long RoomBytes { get; init; } = long.MaxValue;

    /// <summary>How hard the compressor tries.</summary>
    public CompressEffort Effort { get; init; }

    /// <summary>What the reader found.</summary>
    public SegmentOutcome Read { get; set; }

    /// <summary>What the compressor made; null while there is no frame, and for segments that are all zero.</summary>
    public CompressedSegment? Compressed { get; set; }

    /// <summary>How long the compressor took, in microseconds.</summary>
    public long CompressUs { get; set; }

    /// <summary>Where the frame goes.</summary>
    public Placement Placement { get; set; }

    /// <summary>A write has been begun: some bytes of the segment may be on disk.</summary>
    public bool HasBegun { get; set; }

    /// <summary>
    /// When its first write began, on the monotonic clock, in microseconds; 0 before that. Set by the writer.
    /// </summary>
    public long WriteBegunUs { get; set; }

    /// <summary>How it ended; set by the writer.</summary>
    public WriteOutcome Written { get; set; }

    /// <summary>
    /// Data of the segment that is saved, in bytes, once it has settled: it is in the output, or was found to be zeros.
    /// </summary>
    public int SavedDataBytes
    {
        get
        {
            (SegmentOutcome found, WriteOutcome written) = (Read, Written);
            return written.Fault is null
                ? found.DataBytes
                : Math.Min(found.DataBytes, Lease.Runs.BytesBefore(written.ValidBytes));
        }
    }

    /// <summary>A read of it hangs: the kernel may still write to the slab.</summary>
    public bool IsHung { get; set; }

    /// <summary>
    /// The read that hangs keeps the slab, which no other segment gets any more. The job goes on without bytes.
    /// </summary>
    public void LoseSlab() => Lease = Lease.Lose();

    /// <summary>The copy ends early, and nothing of the segment is saved.</summary>
    public void Drop(Fault cause)
    {
        Lease.Empty();
        Read = new SegmentOutcome(0, 0, cause);
    }

    /// <summary>Hands the job and all its leases to its next holder.</summary>
    public void HandOver(LeaseHolder from, LeaseHolder to)
    {
        Lease.HandOver(from, to);
        frame?.HandOver(from, to);
    }
}
