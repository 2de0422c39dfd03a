using System.Text.Json;
using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// Reads the entries of a receipt's files one by one. The ranges of a file, of which there can be many, are read on
/// their own: an entry is parsed without them.
/// </summary>
/// <param name="window">The text, behind the bracket that opens the list.</param>
/// <param name="errors">Makes the errors.</param>
/// <param name="limits">How large an entry may be.</param>
internal sealed class ReceiptFileScanner(JsonWindow window, ReceiptErrors errors, ReceiptLimits limits)
{
    // The bracket of the list is at depth 1, a file at 2, its fields at 3.
    private const int FileDepth = 2;
    private const int FieldDepth = 3;

    private readonly CutText entry = new();
    private readonly List<ByteRange> ranges = [];
    private int index; // of the next file

    /// <summary>The place of the bracket that closes the list.</summary>
    public TextPlace End { get; private set; }

    private string Path => $"files[{index}]";

    /// <summary>The next file, or what is wrong with it; null at the end of the list.</summary>
    public Parsed<ReceiptFile>? Next()
    {
        entry.Clear();
        ranges.Clear();
        try
        {
            return Read();
        }
        catch (JsonException e)
        {
            return Broken(e);
        }
        catch (InvalidOperationException)
        {
            return Broken(null);
        }
    }

    private Parsed<ReceiptFile>? Read()
    {
        bool isInEntry = false;
        bool isAtRanges = false; // the next token is the value of "ranges"
        while (true)
        {
            Utf8JsonReader reader = window.Reader();
            int from = 0; // the first byte of the window that belongs to the entry
            bool isWhole = false;
            bool hasRanges = false;
            while (!isWhole && !hasRanges && reader.Read())
            {
                if (!isInEntry)
                {
                    from = (int)reader.TokenStartIndex;
                    TextPlace place = window.Place.After(window.Unread[..from]);
                    if (reader.TokenType == JsonTokenType.EndArray)
                    {
                        End = place;
                        _ = window.Take(ref reader);
                        return null;
                    }

                    isInEntry = true;
                    entry.GoOnAt(place);
                    isWhole = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
                }
                else if (reader.CurrentDepth == FileDepth)
                {
                    isWhole = true;
                }
                else if (reader.CurrentDepth == FieldDepth)
                {
                    hasRanges = isAtRanges && reader.TokenType == JsonTokenType.StartArray;
                    isAtRanges = reader.TokenType == JsonTokenType.PropertyName
                        && reader.ValueTextEquals("ranges"u8);
                }
            }

            ReadOnlySpan<byte> read = window.Take(ref reader);
            if (isInEntry)
                entry.Add(read[from..]);
            if (entry.Bytes.Length > limits.MaxFileBytes)
                return errors.TooLarge(Path, $"has more than {limits.MaxFileBytes} bytes beside its ranges");
            if (isWhole)
                return Whole();
            if (hasRanges)
            {
                ReceiptRangeScanner scanner = new(window, errors, limits, Path);
                if (scanner.Read(ranges) is { } wrong)
                    return wrong;
                entry.GoOnAt(scanner.End);
                entry.Add("]"u8);
            }
            else if (!window.Fill())
            {
                return errors.LongToken(Path, limits);
            }
        }
    }

    private Parsed<ReceiptFile> Whole()
    {
        Parsed<ReceiptFile> file = Parse();
        index++;
        return index > limits.MaxFiles
            ? errors.TooLarge("files", $"has more than {limits.MaxFiles} files")
            : file;
    }

    private Parsed<ReceiptFile> Parse()
    {
        try
        {
            ReceiptFile? file = JsonSerializer.Deserialize(entry.Bytes, ReceiptJson.Default.ReceiptFile);
            if (file is null)
                return errors.Of((Path, "is null"));
            if (file.Escaped == true && !EscapedNames.Reverse(file).Try(out file, out string? field))
                return errors.Of(($"{Path}.{field}", "has a backslash that escapes nothing"));
            if (ranges.Count > 0)
                file = file with { Ranges = RangesOfFile() };
            return ReceiptRules.FileProblem(file) is (string inFile, string problem)
                ? errors.Of(($"{Path}.{inFile}", problem))
                : file;
        }
        catch (JsonException e)
        {
            string below = e.Path is ['$', .. string pathInFile] ? pathInFile : "";
            TextPlace? inText = ReceiptErrors.PlaceOf(e) is { } found ? entry.InWhole(found) : null;
            return errors.Broken(Printable.Shortened(Path + below), inText);
        }
    }

    private IReadOnlyList<ByteRange> RangesOfFile()
    {
        if (!limits.KeepsRanges)
            return ranges;
        if (ranges.Count >= ReceiptRangeScanner.ManyRanges)
            LittleMemory.Collect();
        return RangeSet.OfOrdered(ranges) ?? (IReadOnlyList<ByteRange>)ranges.ToArray();
    }

    // The reader knows the place, but not the field. Parsing the file on its own stops at the same place and tells it.
    private Parsed<ReceiptFile> Broken(JsonException? error)
    {
        ReadOnlySpan<byte> unread = window.Unread;
        if (entry.Bytes.IsEmpty)
        {
            unread = unread.TrimStart(" \t\r\n,"u8);
            entry.GoOnAt(window.Place.After(window.Unread[..^unread.Length]));
        }

        entry.Add(unread);
        Parsed<ReceiptFile> parsed = Parse();
        TextPlace? place = error is null ? null : ReceiptErrors.PlaceOf(error);
        return parsed.IsOk ? errors.Broken(Path, place) : parsed;
    }
}
