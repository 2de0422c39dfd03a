using System.Text.Json;
using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>The errors that a receipt can have.</summary>
/// <param name="where">What they call the receipt.</param>
internal sealed class ReceiptErrors(string where)
{
    private const string Mend = "The receipt is damaged; restore it from a copy of the bundle.";

    public InputError Null => new(where, "", "is null instead of a receipt", Mend);

    /// <summary>A field breaks a rule.</summary>
    public InputError Of((string Field, string Problem) broken)
    {
        string mend = broken.Field == "version" ? "Read it with the program that wrote it." : Mend;
        return new InputError(where, broken.Field, broken.Problem, mend);
    }

    /// <summary>
    /// The text is broken. The serializer's own message speaks of .NET types; the place is what helps.
    /// </summary>
    /// <param name="field">The field, as messages write it.</param>
    /// <param name="place">Where in the text it is; null where the serializer does not say.</param>
    public InputError Broken(string field, TextPlace? place)
    {
        string position = place is { } known ? $" (line {known.Line + 1}, column {known.Column + 1})" : "";
        return new InputError(
            where,
            field,
            "is not what a receipt has here: broken text, or a field that is missing, doubled or of the wrong type"
                + position,
            Mend);
    }

    /// <summary>A part is larger than a receipt of this program can have it.</summary>
    public InputError TooLarge(string field, string problem) => new(where, field, problem, Mend);

    /// <summary>One text or number is larger than the memory that a receipt gets.</summary>
    public InputError LongToken(string field, ReceiptLimits limits) =>
        TooLarge(field, $"has one text or number of more than {limits.MaxTokenBytes} bytes");

    /// <summary>The place in the text that was parsed, as the serializer gives it.</summary>
    public static TextPlace? PlaceOf(JsonException error) =>
        error.LineNumber is { } line ? new TextPlace(line, error.BytePositionInLine ?? 0) : null;
}
