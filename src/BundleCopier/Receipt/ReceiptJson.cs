using System.Text.Json;
using System.Text.Json.Serialization;
using BundleCopier.Input;

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
    /// For all JSON that the program writes: paths as people read them, and nothing that a terminal does not just show.
    /// Control characters are escaped, so a receipt on one line stays on one.
    /// </summary>
    public static JsonWriterOptions WriterOptions(bool indented) =>
        new() { Indented = indented, Encoder = PlainJsonEncoder.Instance };
}
