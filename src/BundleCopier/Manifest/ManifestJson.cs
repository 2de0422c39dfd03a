using System.Text.Json;
using System.Text.Json.Serialization;

namespace BundleCopier.Manifest;

/// <summary>
/// The manifest as JSON has it, before any rule was applied. Every field has a setter because the generated code
/// would otherwise overwrite defaults; unknown fields are gathered instead of refused by the serializer, so that an
/// error can name the nearest right one.
/// </summary>
internal sealed class ManifestDto
{
    public int? Version { get; set; }

    public string? Bundle { get; set; }

    public string? Destination { get; set; }

    public Dictionary<string, string?>? Labels { get; set; }

    public List<ManifestFileDto?>? Files { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed class ManifestFileDto
{
    public string? Source { get; set; }

    public string? Name { get; set; }

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

/// <summary>Generated (de)serialisation: no reflection, so that it works in a native program.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ManifestDto))]
internal sealed partial class ManifestJson : JsonSerializerContext;
