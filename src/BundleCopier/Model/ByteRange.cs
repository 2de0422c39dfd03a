using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>A run of bytes in a file.</summary>
/// <param name="Offset">The first byte, counted in bytes from the start of the file; never negative in a checked manifest or receipt.</param>
/// <param name="Length">The number of bytes; above zero in a checked manifest or receipt.</param>
public readonly record struct ByteRange(
    [property: JsonRequired] long Offset,
    [property: JsonRequired] long Length)
{
    /// <summary>The offset of the byte after the last one.</summary>
    [JsonIgnore]
    public long End => Offset + Length;
}
