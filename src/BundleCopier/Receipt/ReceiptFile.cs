using System.Text.Json.Serialization;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// What became of one file. In names and paths, a byte that is not UTF-8 is a low surrogate without a high one before
/// it (<c>0xff</c> is U+DCFF), as in Python; in JSON such names are escaped (docs/format.md).
/// </summary>
public sealed record ReceiptFile
{
    /// <summary>The absolute path of the source; the pattern, when it matched nothing.</summary>
    public required string Source { get; init; }

    /// <summary>The path below <c>files/</c>, without the suffix of compressed files.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The path in the bundle: <c>files/NAME</c> or <c>files/NAME.lz4</c>; null when nothing is in the bundle.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>Only while an entry is read: its names are escaped (<see cref="EscapedNames"/>).</summary>
    [JsonInclude]
    internal bool? Escaped { get; init; }

    /// <summary>What became of it.</summary>
    public required FileStatus Status { get; init; }

    /// <summary>The source's size in bytes; 0 when it is unknown.</summary>
    [JsonPropertyName("size")]
    public required long SizeBytes { get; init; }

    /// <summary>How many bytes of data are saved, without holes.</summary>
    public required long DataBytes { get; init; }

    /// <summary>How many bytes were written, without zeros that became holes.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>The bytes of the source that are in the output: sorted ranges that do not touch.</summary>
    public required IReadOnlyList<ByteRange> Ranges { get; init; }

    /// <summary>How its bytes are stored.</summary>
    public required OutputCompression Compression { get; init; }

    /// <summary>
    /// <c>algorithm:hex</c> over the bytes that were written; null when checksums are off or nothing was written.
    /// </summary>
    public string? Checksum { get; init; }

    /// <summary>
    /// Where the hashes of the file's segments are in the bundle's file <c>checksums</c>; null where they are not
    /// stored: for compressed files, whose frames have their own, for files of one segment, without checksums, and
    /// where the disk was full.
    /// </summary>
    public long? SegmentChecksumsOffset { get; init; }

    /// <summary>How it was written; null when nothing was.</summary>
    public OutputIo? Io { get; init; }

    /// <summary>How its bytes travelled; null when none did.</summary>
    [JsonPropertyName("travel")]
    public ReadMode? ReadMode { get; init; }

    /// <summary>False when the source changed during the copy, or it is not certain that it did not.</summary>
    public required bool Stable { get; init; }

    /// <summary>
    /// Where processes have mapped it, for memory of processes; null otherwise. At most 1000 mappings.
    /// </summary>
    public IReadOnlyList<ReceiptMapping>? Process { get; init; }

    /// <summary>How many mappings there are besides; null for none.</summary>
    public int? MoreMappings { get; init; }

    /// <summary>The source's metadata when it was opened; null when it could not be opened.</summary>
    public SourceMetadata? SourceMetadata { get; init; }

    /// <summary>What its headers say, where it is a core that came as a stream; null otherwise.</summary>
    public ReceiptCore? Core { get; init; }

    /// <summary>The error; null when there was none.</summary>
    public ReceiptError? Error { get; init; }
}

/// <summary>The core of a process. What is null is not known.</summary>
/// <param name="Whole">All that the headers name was read.</param>
/// <param name="ExpectedBytes">The size that the headers give.</param>
/// <param name="Signal">The number of the signal that ended the process.</param>
/// <param name="Pid">The process.</param>
/// <param name="Executable">The path of its program, or its name.</param>
public sealed record ReceiptCore(
    bool Whole, long? ExpectedBytes = null, int? Signal = null, int? Pid = null, string? Executable = null);

/// <summary>Why a file, or a part of it, is not in the bundle.</summary>
/// <param name="Code">A short name for programs, such as <c>ENOENT</c>.</param>
/// <param name="Message">What happened and what to do, for people.</param>
public sealed record ReceiptError(string Code, string Message);

/// <summary>
/// The metadata of a source. It is only recorded: the files of a bundle belong to the user who made the bundle.
/// </summary>
public sealed record SourceMetadata
{
    /// <summary>
    /// The permission bits of stat(2), without the type; in JSON an octal string such as <c>"0600"</c>.
    /// </summary>
    [JsonConverter(typeof(OctalModeConverter))]
    public required int Mode { get; init; }

    /// <summary>The owner's user id.</summary>
    public required uint Uid { get; init; }

    /// <summary>The owner's group id.</summary>
    public required uint Gid { get; init; }

    /// <summary>When the content last changed (mtime), in UTC.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>
    /// The nanoseconds of the second in <see cref="ModifiedAt"/>, which JSON has in milliseconds; null in receipts of
    /// earlier versions.
    /// </summary>
    public int? ModifiedNs { get; init; }

    /// <summary>When the content or the inode last changed (ctime), in UTC.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Extended attributes by name; in JSON as base64. Null when there are none.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Xattrs { get; init; }

    /// <summary>Extended attributes that are not recorded; null when all are.</summary>
    public OmittedXattrs? XattrsOmitted { get; init; }
}

/// <summary>
/// Extended attributes that are not recorded, because the receipt has no room for them or they cannot be read.
/// </summary>
/// <param name="Names">The names of the first of them, as far as there is room.</param>
/// <param name="Count">How many; null when the kernel cannot list them all.</param>
public sealed record OmittedXattrs(IReadOnlyList<string> Names, int? Count = null);
