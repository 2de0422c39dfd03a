using BundleCopier.Elf;
using BundleCopier.Lz4;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>One file of the bundle before it is opened: what the manifest asks for, patterns resolved.</summary>
/// <param name="Index">Its place in the order of copying, and in the receipt.</param>
/// <param name="Source">The path of the source.</param>
/// <param name="Name">The path below <c>files/</c>.</param>
/// <param name="Ranges">The wanted bytes; null for all.</param>
/// <param name="Compression">Whether it is compressed; null for the value in the settings.</param>
/// <param name="Trust">The rule for files that a pattern finds; null for a file that is named by its path.</param>
/// <param name="Memory">How memory without a path is reached; null for a file.</param>
internal sealed record PlannedFile(
    int Index, string Source, string Name, IReadOnlyList<Extent>? Ranges, Compression? Compression = null,
    TrustRule? Trust = null, MemorySource? Memory = null)
{
    /// <summary>The open descriptor that is read; null for a file, which is opened by its path.</summary>
    public StreamSource? Stream { get; init; }

    /// <summary>The wanted bytes of a source of this size.</summary>
    /// <param name="ranges">The ranges of its entry in the manifest; null for the whole file.</param>
    /// <param name="sizeBytes">The size.</param>
    public static RangeSet RangesOf(IReadOnlyList<Extent>? ranges, long sizeBytes) =>
        ranges is null ? RangeSet.Whole(sizeBytes) : RangeSet.Of(ranges, sizeBytes);

    /// <summary>The ranges of an entry of a manifest; null for the whole file.</summary>
    public static Extent[]? ExtentsOf(ManifestFile wish) =>
        wish.Ranges?.Select(static r => new Extent(r.Offset, r.Length)).ToArray();

    /// <summary>The wanted bytes of a source of this size.</summary>
    public RangeSet RangesIn(long sizeBytes) => RangesOf(Ranges, sizeBytes);
}

/// <summary>An open source. Readers read it; the scout closes it when the supervisor asks for that.</summary>
/// <param name="Planned">What the manifest asks for.</param>
/// <param name="Source">Its descriptor.</param>
/// <param name="Status">Its status when it was opened.</param>
/// <param name="Ranges">The wanted bytes, cut at its size.</param>
/// <param name="ReadMode">How its segments are read.</param>
/// <param name="WasQuiet">True when the kernel guaranteed, at that time, that no program could write to it.</param>
/// <param name="Xattrs">Its extended attributes; null for none.</param>
/// <param name="Compression">
/// How it is stored. A file that compression would not make smaller is stored raw, whatever was asked for.
/// </param>
internal sealed record OpenedSource(
    PlannedFile Planned,
    ISourceFile Source,
    FileStat Status,
    RangeSet Ranges,
    ReadMode ReadMode,
    bool WasQuiet,
    SourceXattrs? Xattrs,
    Compression Compression = Compression.None)
{
    /// <summary>A file of at most this size is opened, read and closed with as few calls as possible.</summary>
    public const long SmallFileBytes = 64 * 1024;

    /// <summary>
    /// A small file in memory without a hole, by the size and the blocks of stat(2). Pages that were reserved and
    /// never written count as data. It is read without a search for its data.
    /// </summary>
    public bool IsSmallAndFull { get; } = Source.Traits.IsShared
        && Status.SizeBytes is > 0 and <= SmallFileBytes
        && Status.AllocatedBytes >= Status.SizeBytes
        && Ranges.TotalBytes == Status.SizeBytes;

    /// <summary>
    /// How a segment is read. A program may have stored bytes behind the end of the file, in its last page (mmap(2)). A
    /// mapping is written in whole blocks, and these bytes would get to the disk, so the last block goes by a slab.
    /// </summary>
    public ReadMode ReadModeOf(long segment) =>
        segment == SegmentGrid.IndexOf(Status.SizeBytes) && !Alignment.IsAligned(Status.SizeBytes)
            ? ReadMode.Slab
            : ReadMode;

    /// <summary>A disk or a server has to answer its reads, and may never do it. Memory always answers.</summary>
    public bool CanHang => !Source.Traits.IsShared;

    /// <summary>
    /// How far a stream has been read; null for a file. Until a stream has ended, its size is the largest possible.
    /// </summary>
    public StreamState? Stream { get; init; }

    /// <summary>What its headers say, where it is a core that has ended.</summary>
    public CoreVerdict? Core { get; init; }

    /// <summary>The data that its readers have found.</summary>
    public KnownData Known { get; } = new();

    /// <summary>How much data of it is wanted, in bytes, as far as stat(2) tells.</summary>
    public long WantedDataBytes => Status.DataBytesIn(Ranges);

    /// <summary>The most space that its segments need, as far as stat(2) tells.</summary>
    public long SegmentsSpaceBytes => IsCompressed
        ? WantedDataBytes + (WantedDataBytes / 64)
        : Alignment.Up(WantedDataBytes);

    /// <summary>
    /// The most space that the end of an LZ4 stream needs, and its holes: 4 MiB of zeros take 20 KiB.
    /// </summary>
    public long EndSpaceBytes => Stream is not null ? 0
        : IsCompressed ? Alignment.Up((SegmentGrid.CountOf(Status.SizeBytes) * FrameFormat.EntryBytes)
            + ZeroFrame.SpaceOf(Status.SizeBytes - WantedDataBytes)) + (4 * Alignment.Bytes)
        : 0;

    /// <summary>True when it becomes an LZ4 stream.</summary>
    public bool IsCompressed => Compression != Compression.None;

    /// <summary>The same stream with its size, once that is known.</summary>
    public OpenedSource WithSize(long sizeBytes, CoreVerdict? core) => this with
    {
        Status = Status with { SizeBytes = sizeBytes, AllocatedBytes = sizeBytes },
        Ranges = RangeSet.Whole(sizeBytes),
        Core = core,
    };
}

/// <summary>What is done with the bytes, the same for every file of a run.</summary>
/// <param name="Checksum">Hash the bytes that are written.</param>
/// <param name="ZeroDetection">Make blocks of zeros holes.</param>
internal sealed record CopyOptions(bool Checksum, bool ZeroDetection)
{
    /// <summary>True when the bytes must be read by this process, not only by the kernel.</summary>
    public bool Inspects => Checksum || ZeroDetection;

    /// <summary>A bug that a test plants: <see cref="Settings.CopySettings.DyingWriterLeavesItsWrites"/>.</summary>
    public bool DyingWriterLeavesItsWrites { get; init; }
}
