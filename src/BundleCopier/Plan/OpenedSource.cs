using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>One file of the bundle before it is opened: what the manifest asks for, patterns resolved.</summary>
/// <param name="Index">Its place in the order of copying, and in the receipt.</param>
/// <param name="Source">Where it is.</param>
/// <param name="Name">Its path below <c>files/</c>.</param>
/// <param name="Ranges">The bytes that are wanted; null for all.</param>
/// <param name="Compression">Whether it is compressed; null for what the run's settings say.</param>
internal sealed record PlannedFile(
    int Index, string Source, string Name, IReadOnlyList<Extent>? Ranges, Compression? Compression = null);

/// <summary>A source that is open: read by readers, closed by the scout when the supervisor says so.</summary>
/// <param name="Planned">What it is.</param>
/// <param name="Source">Its descriptor.</param>
/// <param name="Status">What it was when it was opened.</param>
/// <param name="Ranges">The bytes that are wanted, cut at its size.</param>
/// <param name="ReadMode">How its segments go, or start to go.</param>
/// <param name="WasQuiet">At that time the kernel vouched that nobody could be writing to it.</param>
/// <param name="Xattrs">Its extended attributes; null for none.</param>
/// <param name="Compression">
/// How it is stored; what compression would not serve is stored as it is, whatever was asked.
/// </param>
internal sealed record OpenedSource(
    PlannedFile Planned,
    ISourceFile Source,
    FileStat Status,
    RangeSet Ranges,
    ReadMode ReadMode,
    bool WasQuiet,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Xattrs,
    Compression Compression = Compression.None)
{
    /// <summary>A file of at most this size is opened, read and closed with as few calls as possible.</summary>
    public const long SmallFileBytes = 64 * 1024;

    /// <summary>
    /// A small file in memory that had no hole when it was opened, as far as stat(2) tells: pages that were reserved
    /// and never written count. It is read without asking where its data is.
    /// </summary>
    public bool IsSmallAndFull { get; } = Source.Traits.IsShared
        && Status.SizeBytes is > 0 and <= SmallFileBytes
        && Status.AllocatedBytes >= Status.SizeBytes
        && Ranges.TotalBytes == Status.SizeBytes;

    /// <summary>What its walkers know of it.</summary>
    public KnownData Known { get; } = new();

    /// <summary>It becomes an LZ4 stream.</summary>
    public bool IsCompressed => Compression != Compression.None;
}

/// <summary>What is done with the bytes on their way, the same for every file of a run.</summary>
/// <param name="Checksum">Hash what is written.</param>
/// <param name="ZeroDetection">Turn blocks of zeros into holes.</param>
internal sealed record CopyOptions(bool Checksum, bool ZeroDetection)
{
    /// <summary>Somebody has to look at the bytes.</summary>
    public bool Inspects => Checksum || ZeroDetection;
}
