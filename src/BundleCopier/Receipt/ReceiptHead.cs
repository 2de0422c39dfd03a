using System.Text.Json;

namespace BundleCopier.Receipt;

/// <summary>
/// The first fields of a receipt. They say which bundle it is, and reading them does not take the time of reading the
/// entries of 100,000 files.
/// </summary>
/// <param name="Bundle">The bundle's name.</param>
/// <param name="Status">How the copy ended.</param>
/// <param name="FinishedAt">When it ended; null where the receipt does not tell.</param>
/// <param name="DataBytes">See <see cref="BundleReceipt.DataBytes"/>.</param>
internal sealed record ReceiptHead(
    string Bundle, BundleStatus Status, DateTimeOffset? FinishedAt, long? DataBytes = null)
{
    /// <summary>The fields end before this place: a name has at most 200 bytes, and labels come later.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Reads them; null where the text is not the start of a receipt.</summary>
    /// <param name="start">The start of the receipt, or all of it.</param>
    public static ReceiptHead? Read(ReadOnlySpan<byte> start)
    {
        Utf8JsonReader reader = new(start, isFinalBlock: false, default);
        try
        {
            return Read(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return null; // a text that is no UTF-8
        }
    }

    private static ReceiptHead? Read(ref Utf8JsonReader reader)
    {
        int? version = null;
        string? bundle = null;
        BundleStatus? status = null;
        DateTimeOffset? finishedAt = null;
        long? dataBytes = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? field = reader.GetString();
            // The first fields have single values. Behind them nothing is wanted.
            if (!reader.Read() || reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
                break;
            bool isText = reader.TokenType == JsonTokenType.String;
            if (field == "version" && !isText && reader.TryGetInt32(out int number))
                version = number;
            else if (field == "bundle" && isText)
                bundle = reader.GetString();
            else if (field == "status" && isText && Enum.TryParse(reader.GetString(), true, out BundleStatus found))
                status = found;
            else if (field == "finishedAt" && isText && reader.TryGetDateTimeOffset(out DateTimeOffset time))
                finishedAt = time;
            else if (field == "dataBytes" && !isText && reader.TryGetInt64(out long bytes))
                dataBytes = bytes;
        }

        return version == BundleReceipt.CurrentVersion && bundle is not null && status is not null
            ? new ReceiptHead(bundle, status.Value, finishedAt, dataBytes)
            : null;
    }
}
