using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BundleCopier.Receipt;

/// <summary>
/// The generated serializer; the native program has no reflection. Unknown fields are ignored, because later versions
/// can add some.
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
    /// Writes paths as people read them. Control characters are still escaped, so a receipt on one line stays on one.
    /// </summary>
    public static JsonWriterOptions WriterOptions(bool indented) =>
        new() { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
