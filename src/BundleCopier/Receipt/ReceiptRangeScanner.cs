using System.Text.Json;
using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>Reads the ranges of one file one by one, so that their text needs no memory.</summary>
/// <param name="window">The text, behind the bracket that opens the list.</param>
/// <param name="errors">Makes the errors.</param>
/// <param name="limits">How many ranges there may be.</param>
/// <param name="path">The file's path in the receipt, for errors.</param>
internal sealed class ReceiptRangeScanner(
    JsonWindow window, ReceiptErrors errors, ReceiptLimits limits, string path)
{
    // The bracket of the list is at depth 3, a range at 4, its fields at 5.
    private const int ListDepth = 3;
    private const int RangeDepth = 4;
    private const int FieldDepth = 5;

    /// <summary>From this number on, a list of ranges is large.</summary>
    public const int ManyRanges = LittleMemory.LargeBytes / 16;

    private List<ByteRange> ranges = [];
    private Field current;
    private long? offset;
    private long? length;

    private enum Field
    {
        Other,
        Offset,
        Length,
    }

    /// <summary>The place of the bracket that closes the list.</summary>
    public TextPlace End { get; private set; }

    private string RangePath => $"{path}.ranges[{ranges.Count}]";

    /// <summary>Appends all ranges.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public InputError? Read(List<ByteRange> to)
    {
        ranges = to;
        try
        {
            while (true)
            {
                Utf8JsonReader reader = window.Reader();
                while (reader.Read())
                {
                    if (reader.CurrentDepth == ListDepth)
                    {
                        End = window.Place.After(window.Unread[..(int)reader.TokenStartIndex]);
                        _ = window.Take(ref reader);
                        return null;
                    }

                    if (ranges.Count == limits.MaxRanges)
                        return errors.TooLarge($"{path}.ranges", $"has more than {limits.MaxRanges} ranges");
                    if (Problem(ref reader) is (string problemPath, int at))
                        return errors.Broken(problemPath, window.Place.After(window.Unread[..at]));
                }

                _ = window.Take(ref reader);
                if (!window.Fill())
                    return errors.LongToken(RangePath, limits);
            }
        }
        catch (JsonException e)
        {
            return errors.Broken(RangePath, ReceiptErrors.PlaceOf(e));
        }
    }

    // The path of what is wrong, and the offset in the window.
    private (string Path, int At)? Problem(ref Utf8JsonReader reader)
    {
        int at = (int)reader.TokenStartIndex;
        if (reader.CurrentDepth == RangeDepth)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                (offset, length) = (null, null);
                return null;
            }

            if (reader.TokenType != JsonTokenType.EndObject || offset is not { } start || length is not { } count)
                return (RangePath, at);
            if (ranges.Count == ranges.Capacity && ranges.Count >= ManyRanges)
                LittleMemory.Collect();
            ranges.Add(new ByteRange(start, count));
            return null;
        }

        if (reader.CurrentDepth != FieldDepth)
            return null;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            current = reader.ValueTextEquals("offset"u8) ? Field.Offset
                : reader.ValueTextEquals("length"u8) ? Field.Length
                : Field.Other;
            bool isTwice = current == Field.Offset ? offset is not null : current == Field.Length && length is not null;
            return isTwice ? (RangePath + Name, at) : null;
        }

        if (current == Field.Other)
            return null;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value))
            return (RangePath + Name, at);
        if (current == Field.Offset)
            offset = value;
        else
            length = value;
        return null;
    }

    private string Name => current == Field.Offset ? ".offset" : ".length";
}
