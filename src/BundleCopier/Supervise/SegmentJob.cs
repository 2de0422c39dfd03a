using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Segments;

namespace BundleCopier.Supervise;

/// <summary>One segment on its way, and the lease that it travels in.</summary>
internal sealed class SegmentJob(long ticket, FileRecord file, long segment, int attempt, ReadMode travel, Lease lease, Lease? frame)
{
    public long Ticket => ticket;

    public FileRecord File => file;

    public long Segment => segment;

    /// <summary>
    /// All that go through reader and writer in one order, this one the first of them; null where it goes alone. They share
    /// a slab, and nothing else: what becomes of each is its own.
    /// </summary>
    public SegmentJob[]? Bunch { get; set; }

    /// <summary>0 the first time; more when a worker died of it or its mapped source was cut.</summary>
    public int Attempt => attempt;

    public ReadMode ReadMode => travel;

    public Lease Lease => lease;

    /// <summary>Room for the segment's frame; null for a file that is stored as it is.</summary>
    public Lease? Frame => frame;

    /// <summary>Who is to read it, or has read it.</summary>
    public int Reader { get; set; }

    /// <summary>A compressor was told to make it smaller.</summary>
    public bool IsCompressed { get; set; }

    /// <summary>What a compressor made of the segment.</summary>
    public CompressedSegment Packed { get; set; }

    /// <summary>Where the frame goes.</summary>
    public Placement Placement { get; set; }

    /// <summary>How often the dials had been turned when a writer was told to write it.</summary>
    public int Turns { get; set; }

    /// <summary>Its leases are out.</summary>
    public bool IsUnderWay { get; set; } = true;

    /// <summary>What the reader found; set once it has answered.</summary>
    public SegmentOutcome Read { get; set; }
}
