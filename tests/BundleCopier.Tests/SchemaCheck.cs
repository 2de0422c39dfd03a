using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>
/// Checks JSON against our schemas. Users' readers pass over fields that they do not know, so the schemas let them be;
/// here a field that the schema does not have is an error.
/// </summary>
internal static class SchemaCheck
{
    private static readonly EvaluationOptions Options = new()
    {
        OutputFormat = OutputFormat.List,
        RequireFormatValidation = true,
    };

    private static readonly JsonSchema Manifest = Closed("config/manifest.schema.json");
    private static readonly JsonSchema Receipt = Closed("config/receipt.schema.json");

    /// <summary>What is wrong with a manifest, one line each, with its place; empty when nothing is.</summary>
    public static IReadOnlyList<string> ManifestProblems(JsonNode manifest) => Problems(Manifest, manifest);

    /// <summary>What is wrong with a receipt.</summary>
    public static IReadOnlyList<string> ReceiptProblems(JsonNode receipt) => Problems(Receipt, receipt);

    public static void IsReceipt(JsonElement receipt) =>
        Assert.Empty(ReceiptProblems(JsonNode.Parse(receipt.GetRawText())!));

    private static List<string> Problems(JsonSchema schema, JsonNode json)
    {
        EvaluationResults results = schema.Evaluate(JsonSerializer.SerializeToElement(json), Options);
        if (results.IsValid)
            return [];
        // The details of an object that is right have no errors.
        List<string> problems = [.. (results.Details ?? [])
            .Where(static d => d.Errors is not null)
            .SelectMany(static d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Key}: {e.Value}"))];
        return problems.Count > 0 ? problems : ["is not valid"];
    }

    private static JsonSchema Closed(string path)
    {
        JsonNode schema = JsonNode.Parse(Repository.ReadBytes(path))!;
        Close(schema);
        return JsonSchema.FromText(schema.ToJsonString());
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Close(item);
        }
        else if (node is JsonObject fields)
        {
            // A schema of an object; "properties" of the branches of a oneOf only add rules.
            if (fields["type"] is JsonValue type && type.TryGetValue(out string? name) && name == "object")
                fields.TryAdd("additionalProperties", false);
            foreach ((string key, JsonNode? value) in fields)
            {
                if (key is not ("examples" or "const" or "enum"))
                    Close(value);
            }
        }
    }
}
