using System.Text.Json;
using System.Text.Json.Serialization;

namespace BundleCopier.Manifest;

/// <summary>
/// The manifest as it is in the JSON, before any rule is applied. Every field has a setter, because generated code
/// would overwrite defaults of init-only fields. Unknown fields are collected instead of refused by the serializer, so
/// that an error can name the nearest known one.
/// </summary>
internal sealed class ManifestDto
{
    public int? Version { get; set; }

    public string? Bundle { get; set; }

    public string? Destination { get; set; }

    /// <summary>A string or a number.</summary>
    public JsonElement? Owner { get; set; }

    public Dictionary<string, string?>? Labels { get; set; }

    public List<ManifestFileDto?>? Files { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed class ManifestFileDto
{
    public string? Source { get; set; }

    public int? Process { get; set; }

    public string? Memory { get; set; }

    public List<string?>? Include { get; set; }

    public List<string?>? Exclude { get; set; }

    public int? Sysv { get; set; }

    public string? Name { get; set; }

    public bool? Escaped { get; set; }

    public List<ByteRangeDto?>? Ranges { get; set; }

    public int? Priority { get; set; }

    public string? Compression { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed class ByteRangeDto
{
    public long? Offset { get; set; }

    public long? Length { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>The generated serializer; the native program has no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ManifestDto))]
internal sealed partial class ManifestJson : JsonSerializerContext;
