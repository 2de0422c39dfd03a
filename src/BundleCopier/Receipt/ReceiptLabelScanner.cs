using System.Text.Json;
using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>Checks the labels of a receipt one by one, and holds none of them.</summary>
/// <param name="window">The text, behind the brace that opens the labels.</param>
/// <param name="errors">Makes the errors.</param>
/// <param name="limits">How many labels there may be.</param>
internal sealed class ReceiptLabelScanner(JsonWindow window, ReceiptErrors errors, ReceiptLimits limits)
{
    private const int ListDepth = 1;

    private readonly NameHashes keys = new();
    private string key = "";

    /// <summary>The place of the brace that closes the labels.</summary>
    public TextPlace End { get; private set; }

    /// <summary>Reads all labels.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public InputError? Problem()
    {
        try
        {
            while (true)
            {
                Utf8JsonReader reader = window.Reader();
                while (reader.Read())
                {
                    TextPlace Place(ref Utf8JsonReader at) =>
                        window.Place.After(window.Unread[..(int)at.TokenStartIndex]);
                    if (reader.CurrentDepth == ListDepth)
                    {
                        End = Place(ref reader);
                        _ = window.Take(ref reader);
                        return null;
                    }

                    if (reader.TokenType == JsonTokenType.PropertyName)
                    {
                        key = reader.GetString()!;
                        if (!keys.Add(NameHashes.Of(key)))
                            return errors.Broken(JsonPlace.Append("labels", key), Place(ref reader));
                        if (keys.Count > limits.MaxLabels)
                            return errors.TooLarge("labels", $"has more than {limits.MaxLabels} labels");
                    }
                    else if (reader.TokenType == JsonTokenType.Null)
                    {
                        return errors.Of((JsonPlace.Append("labels", key), "is null"));
                    }
                    else if (reader.TokenType != JsonTokenType.String)
                    {
                        return errors.Broken(JsonPlace.Append("labels", key), Place(ref reader));
                    }
                    else
                    {
                        string value = reader.GetString()!;
                        limits.TakeLabel?.Invoke(key, value);
                    }
                }

                _ = window.Take(ref reader);
                if (!window.Fill())
                    return errors.LongToken("labels", limits);
            }
        }
        catch (JsonException e)
        {
            return errors.Broken(JsonPlace.Append("labels", key), ReceiptErrors.PlaceOf(e));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are not UTF-8.
            return errors.Broken(JsonPlace.Append("labels", key), window.Place);
        }
    }
}
