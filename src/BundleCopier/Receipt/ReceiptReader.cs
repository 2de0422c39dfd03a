using System.Text.Json;
using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>Reads a receipt back. A receipt may have been damaged or made by somebody else, so nothing in it is believed unchecked.</summary>
public static class ReceiptReader
{
    private const string Mend = "The receipt is damaged; restore it from a copy of the bundle.";

    /// <summary>Reads and checks a receipt.</summary>
    /// <param name="utf8">The whole text, in UTF-8.</param>
    /// <param name="where">What error messages call it, such as <c>receipt.json</c>.</param>
    internal static Parsed<BundleReceipt> Read(ReadOnlyMemory<byte> utf8, string where)
    {
        try
        {
            return Check(JsonSerializer.Deserialize(utf8.Span, ReceiptJson.Default.BundleReceipt), where);
        }
        catch (JsonException e)
        {
            return Damaged(e, where);
        }
    }

    /// <summary>Reads and checks a receipt without holding its text in memory.</summary>
    /// <param name="utf8">A stream of the text, in UTF-8. Errors of the stream itself are thrown by it.</param>
    /// <param name="where">What error messages call it, such as <c>receipt.json</c>.</param>
    public static Parsed<BundleReceipt> Read(Stream utf8, string where)
    {
        try
        {
            return Check(JsonSerializer.Deserialize(utf8, ReceiptJson.Default.BundleReceipt), where);
        }
        catch (JsonException e)
        {
            return Damaged(e, where);
        }
    }

    private static Parsed<BundleReceipt> Check(BundleReceipt? receipt, string where)
    {
        if (receipt is null)
            return new InputError(where, "", "is null instead of a receipt", Mend);
        return ReceiptRules.Problem(receipt) is (string field, string problem)
            ? new InputError(where, field, problem, field == "version" ? "Read it with the program that wrote it." : Mend)
            : receipt;
    }

    // The serializer's own text speaks of .NET types; the place is what helps.
    private static InputError Damaged(JsonException e, string where)
    {
        string place = e.LineNumber is long line ? $" (line {line + 1}, column {(e.BytePositionInLine ?? 0) + 1})" : "";
        return new InputError(where, JsonPlace.Field(e), $"is not what a receipt has here: broken text, or a field that is missing, doubled or of the wrong type{place}", Mend);
    }
}
