using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
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
            (ReceiptSchema["properties"]!["program"]!, ReceiptJson.Default.ReceiptProgram),
            (ReceiptSchema["properties"]!["host"]!, ReceiptJson.Default.ReceiptHost),
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
        Assert.NotEmpty(SchemaCheck.ManifestProblems(manifest));
    }

    [Theory]
    [InlineData("""{ "source": "/dev/shm/a", "ranges": [{ "offset": 0, "length": 1 }] }""", true)]
    [InlineData("""{ "process": 4711, "memory": "shared", "include": ["memfd-*"] }""", true)]
    [InlineData("""{ "sysv": 0, "priority": -1 }""", true)]
    [InlineData("""{ "source": "/dev/shm/a", "colour": "red" }""", false)]
    [InlineData("""{ "source": "dev/shm/a" }""", false)]
    [InlineData("""{ "source": "/dev/shm/a", "process": 4711 }""", false)]
    [InlineData("""{ "source": "/dev/shm/a", "memory": "shared" }""", false)]
    [InlineData("""{ "source": "/dev/shm/a", "ranges": [] }""", false)]
    [InlineData("""{ "source": "/dev/shm/a", "ranges": [{ "offset": -1, "length": 1 }] }""", false)]
    [InlineData("""{ "source": "/dev/shm/a", "priority": 2147483648 }""", false)]
    [InlineData("""{ "source": "/dev/shm/a", "compression": "gzip" }""", false)]
    [InlineData("""{ "process": 0 }""", false)]
    public void The_reader_and_the_manifest_schema_agree(string file, bool isValid)
    {
        JsonNode manifest = JsonNode.Parse($$"""{ "version": 1, "bundle": "b", "files": [{{file}}] }""")!;
        Assert.Equal(isValid, ManifestReader.Read(Encoding.UTF8.GetBytes(manifest.ToJsonString()), "m").IsOk);
        Assert.Equal(isValid, SchemaCheck.ManifestProblems(manifest).Count == 0);
    }

    [Fact]
    public void The_examples_in_the_schemas_are_read_without_error()
    {
        JsonNode manifest = ManifestSchema["examples"]![0]!;
        JsonNode receipt = ReceiptSchema["examples"]![0]!;
        Assert.Null(ManifestReader.Read(Encoding.UTF8.GetBytes(manifest.ToJsonString()), "example").Error);
        Assert.Empty(SchemaCheck.ManifestProblems(manifest));
        Assert.Null(
            ReceiptReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(receipt.ToJsonString())), "example").Error);
        Assert.Empty(SchemaCheck.ReceiptProblems(receipt));
    }

    [Theory]
    [InlineData("node17")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a b")]
    public void The_schemas_pattern_for_bundles_allows_what_the_reader_allows(string bundle)
    {
        JsonNode manifest = ManifestSchema["examples"]![0]!.DeepClone();
        manifest["bundle"] = bundle;
        Assert.Equal(NameRules.BundleProblem(bundle) is null, SchemaCheck.ManifestProblems(manifest).Count == 0);
    }

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
