using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>The schemas are written by hand; these tests compare them with the readers.</summary>
public sealed class SchemaTests
{
    private static readonly JsonObject ManifestSchema = Load("config/manifest.schema.json");
    private static readonly JsonObject ReceiptSchema = Load("config/receipt.schema.json");

    [Fact]
    public void The_manifest_schema_has_the_fields_that_the_reader_knows()
    {
        AssertSame(ManifestSchema, ManifestJson.Default.ManifestDto);
        AssertSame(ManifestSchema["$defs"]!["file"]!, ManifestJson.Default.ManifestFileDto);
        AssertSame(ManifestSchema["$defs"]!["range"]!, ManifestJson.Default.ByteRangeDto);
    }

    [Fact]
    public void The_receipt_schema_has_the_fields_that_the_writer_writes_and_requires_the_same()
    {
        (JsonNode Schema, JsonTypeInfo Type)[] pairs =
        [
            (ReceiptSchema, ReceiptJson.Default.BundleReceipt),
            (ReceiptSchema["$defs"]!["file"]!, ReceiptJson.Default.ReceiptFile),
            (ReceiptSchema["$defs"]!["range"]!, ReceiptJson.Default.ByteRange),
            (ReceiptSchema["$defs"]!["sourceMetadata"]!, ReceiptJson.Default.SourceMetadata),
            (ReceiptSchema["$defs"]!["fact"]!, ReceiptJson.Default.ReceiptFact),
            (ReceiptSchema["$defs"]!["mapping"]!, ReceiptJson.Default.ReceiptMapping),
            (ReceiptSchema["$defs"]!["error"]!, ReceiptJson.Default.ReceiptError),
            (ReceiptSchema["$defs"]!["resources"]!, ReceiptJson.Default.ReceiptResources),
            (ReceiptSchema["$defs"]!["sample"]!, ReceiptJson.Default.ReceiptSample),
            (ReceiptSchema["$defs"]!["resources"]!["properties"]!["phases"]!, ReceiptJson.Default.ReceiptPhases),
            (ReceiptSchema["$defs"]!["bystanders"]!, ReceiptJson.Default.ReceiptBystanders),
            (ReceiptSchema["$defs"]!["stall"]!, ReceiptJson.Default.ReceiptStall),
            (ReceiptSchema["$defs"]!["canary"]!, ReceiptJson.Default.ReceiptCanary),
            (ReceiptSchema["$defs"]!["probe"]!, ReceiptJson.Default.ReceiptProbe),
            (ReceiptSchema["$defs"]!["latencies"]!, ReceiptJson.Default.ReceiptLatencies),
        ];
        foreach ((JsonNode schema, JsonTypeInfo type) in pairs)
        {
            AssertSame(schema, type);
            Assert.Equal(
                Sorted(Strings(schema["required"])), Sorted(type.Properties.Where(IsRequired).Select(p => p.Name)));
        }
    }

    [Theory]
    [InlineData("version")]
    [InlineData("bundle")]
    [InlineData("files")]
    [InlineData("files[0].source")]
    [InlineData("files[2].ranges[0].offset")]
    [InlineData("files[2].ranges[0].length")]
    public void The_reader_requires_the_fields_that_the_manifest_schema_requires(string path)
    {
        JsonNode manifest = JsonNode.Parse(ManifestReaderText)!;
        Remove(manifest, path);
        InputError error = ManifestReader.Read(Encoding.UTF8.GetBytes(manifest.ToJsonString()), "m").Error!;
        Assert.Equal((path, "is missing"), (error.Field, error.Problem));
        string field = path[(path.LastIndexOf('.') + 1)..];
        string definition = path.Contains("ranges", StringComparison.Ordinal) ? "range" : "file";
        JsonNode schema = path.Contains('.', StringComparison.Ordinal) ? ManifestSchema["$defs"]![definition]!
            : ManifestSchema;
        // An entry has a source, a process or a segment.
        Assert.Contains(field, Strings(schema["required"] ?? schema["oneOf"]![0]!["required"]));
    }

    [Fact]
    public void The_examples_in_the_schemas_are_read_without_error()
    {
        Assert.Null(
            ManifestReader.Read(Encoding.UTF8.GetBytes(ManifestSchema["examples"]![0]!.ToJsonString()), "example")
            .Error);
        Assert.Null(
            ReceiptReader.Read(
            new MemoryStream(Encoding.UTF8.GetBytes(ReceiptSchema["examples"]![0]!.ToJsonString())), "example").Error);
    }

    [Theory]
    [InlineData("node17")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a b")]
    public void The_schemas_pattern_for_bundles_allows_what_the_reader_allows(string bundle) => Assert.Equal(
        NameRules.BundleProblem(bundle) is null,
        Regex.IsMatch(bundle, ManifestSchema["properties"]!["bundle"]!["pattern"]!.GetValue<string>()));

    [Fact]
    public void The_schemas_list_the_choices_that_are_written()
    {
        JsonNode file = ReceiptSchema["$defs"]!["file"]!["properties"]!;
        AssertChoices<BundleStatus>(ReceiptSchema["properties"]!["status"]!);
        AssertChoices<FileStatus>(file["status"]!);
        AssertChoices<OutputCompression>(file["compression"]!);
        AssertChoices<OutputIo>(file["io"]!);
        AssertChoices<ReadMode>(file["travel"]!);
    }

    [Fact]
    public void Every_field_in_the_schemas_is_described()
    {
        foreach (JsonObject schema in (JsonObject[])[ManifestSchema, ReceiptSchema])
        {
            IEnumerable<JsonNode> objects = schema["$defs"]!.AsObject().Select(d => d.Value!).Append(schema);
            Assert.All(
                objects.SelectMany(o => o["properties"]!.AsObject()), p =>
                Assert.True(p.Value!["description"] is not null || p.Value["$ref"] is not null, p.Key));
        }
    }

    private static string ManifestReaderText => ManifestSchema["examples"]![0]!.ToJsonString();

    private static JsonObject Load(string path) => JsonNode.Parse(Repository.ReadBytes(path))!.AsObject();

    private static void AssertSame(JsonNode schema, JsonTypeInfo type) => Assert.Equal(
        Sorted(schema["properties"]!.AsObject().Select(p => p.Key)),
        Sorted(type.Properties.Where(p => !p.IsExtensionData && p.Get is not null).Select(p => p.Name)));

    private static void AssertChoices<T>(JsonNode schema)
        where T : struct, Enum =>
            Assert.Equal(Enum.GetNames<T>().Select(n => n.ToLowerInvariant()), Strings(schema["enum"]));

    // The constructor requires the parameters of a record; their properties do not say so.
    private static bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false };

    private static IEnumerable<string> Strings(JsonNode? array) => array!.AsArray().Select(n => n!.GetValue<string>());

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Order(StringComparer.Ordinal);

    private static void Remove(JsonNode node, string path)
    {
        string[] steps = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal)
            .Split('.');
        foreach (string step in steps[..^1])
            node = int.TryParse(step, out int index) ? node[index]! : node[step]!;
        Assert.True(node.AsObject().Remove(steps[^1]));
    }
}
