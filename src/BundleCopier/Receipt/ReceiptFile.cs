using System.Text.Json.Serialization;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>What became of one file.</summary>
public sealed record ReceiptFile
{
    /// <summary>The absolute path it came from; the pattern, when it matched nothing.</summary>
    public required string Source { get; init; }

    /// <summary>Its path below <c>files/</c>, without any suffix.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Where it is in the bundle: <c>files/NAME</c> or <c>files/NAME.lz4</c>; null when nothing of it is there.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>What became of it.</summary>
    public required FileStatus Status { get; init; }

    /// <summary>The source's size in bytes; 0 when it could not be found out.</summary>
    [JsonPropertyName("size")]
    public required long SizeBytes { get; init; }

    /// <summary>How many bytes were read from the source, holes not counted.</summary>
    public required long DataBytes { get; init; }

    /// <summary>How many bytes were written for it, zeros that became holes not counted.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>What is really in the output: sorted, not touching, in bytes of the source.</summary>
    public required IReadOnlyList<ByteRange> Ranges { get; init; }

    /// <summary>How its bytes are stored.</summary>
    public required OutputCompression Compression { get; init; }

    /// <summary>
    /// <c>algorithm:hex</c> over the bytes as they were written; null when checksums are off or nothing was written.
    /// </summary>
    public string? Checksum { get; init; }

    /// <summary>How it was written; null when nothing was.</summary>
    public OutputIo? Io { get; init; }

    /// <summary>How its bytes travelled; null when none did.</summary>
    [JsonPropertyName("travel")]
    public ReadMode? ReadMode { get; init; }

    /// <summary>False when the source was seen to change or could not be proven quiet.</summary>
    public required bool Stable { get; init; }

    /// <summary>What the source was like when it was opened; null when it could not be.</summary>
    public SourceMetadata? SourceMetadata { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public ReceiptError? Error { get; init; }
}

/// <summary>What went wrong with a file.</summary>
/// <param name="Code">A short name for programs, such as <c>ENOENT</c>.</param>
/// <param name="Message">What happened and what to do, for people.</param>
public sealed record ReceiptError(string Code, string Message);

/// <summary>What a source file was like. It is recorded and not applied: a bundle belongs to whoever made it.</summary>
public sealed record SourceMetadata
{
    /// <summary>
    /// Permission bits, as stat gives them without the type; an octal string such as <c>"0600"</c> in JSON.
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

    /// <summary>When the content or the inode last changed (ctime), in UTC.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Extended attributes by name, in base64 in JSON; null when there are none.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Xattrs { get; init; }
}
