using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>A range of bytes in a file, as the manifest and the receipt write it.</summary>
/// <param name="Offset">The offset of the first byte; never negative in a checked manifest or receipt.</param>
/// <param name="Length">The number of bytes; greater than zero in a checked manifest or receipt.</param>
public readonly record struct ByteRange(
    [property: JsonRequired] long Offset,
    [property: JsonRequired] long Length)
{
    /// <summary>The offset of the byte after the last one.</summary>
    [JsonIgnore]
    public long End => Offset + Length;
}
