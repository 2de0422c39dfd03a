using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Checks a text against a schema, for the keywords that our schemas use: fields, required fields, types, choices,
/// minimums.
/// </summary>
internal static class SchemaCheck
{
    private static readonly JsonNode Receipt = JsonNode.Parse(Repository.ReadBytes("config/receipt.schema.json"))!;

    public static void IsReceipt(JsonNode receipt) => Check(receipt, Receipt, "receipt");

    private static void Check(JsonNode node, JsonNode schema, string where)
    {
        if (schema["$ref"] is { } reference)
            schema = Receipt["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!;
        switch (schema["type"]?.GetValue<string>())
        {
            case "object":
                JsonObject fields = Assert.IsType<JsonObject>(node);
                foreach (JsonNode? required in schema["required"]?.AsArray() ?? [])
                    Assert.True(fields.ContainsKey(required!.GetValue<string>()), $"{where}.{required} is missing");
                foreach ((string name, JsonNode? value) in fields)
                {
                    JsonNode? known = schema["properties"]?[name] ?? schema["additionalProperties"];
                    Assert.True(known is not null, $"{where}.{name} is not in the schema");
                    Check(value!, known, $"{where}.{name}");
                }

                break;
            case "array":
                foreach (JsonNode? item in node.AsArray())
                    Check(item!, schema["items"]!, $"{where}[]");
                break;
            case "integer":
                AtLeastMinimum(node.GetValue<long>(), schema, where);
                break;
            case "number":
                AtLeastMinimum(node.GetValue<double>(), schema, where);
                break;
            case "boolean":
                _ = node.GetValue<bool>();
                break;
            case "string":
                _ = node.GetValue<string>();
                break;
            default:
                Assert.True(
                    schema["const"] is { } only ? JsonNode.DeepEquals(only, node)
                    : schema["enum"]!.AsArray().Any(c => JsonNode.DeepEquals(c, node)), $"{where} is {node}");
                break;
        }
    }

    private static void AtLeastMinimum(double value, JsonNode schema, string where) =>
        Assert.True(schema["minimum"] is not { } minimum || value >= minimum.GetValue<double>(), $"{where} is {value}");
}
