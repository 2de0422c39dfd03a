using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BundleCopier.Receipt;

/// <summary>
/// Generated (de)serialisation: no reflection, so that it works in a native program. Unknown fields are passed over,
/// since some may be added.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BundleReceipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext
{
    /// <summary>
    /// Paths are for people and are written as they are; control characters are still escaped, so one line stays one
    /// line.
    /// </summary>
    public static JsonWriterOptions WriterOptions(bool indented) =>
        new() { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
