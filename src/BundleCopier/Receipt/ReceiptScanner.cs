using System.Buffers;
using System.Text.Json;
using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>
/// Reads a receipt file by file, so that the memory that it needs does not grow with the number of files. Each file is
/// checked on its own. The rest of the receipt is parsed and checked when all files have been read.
/// </summary>
/// <param name="utf8">The text, in UTF-8. Errors of the stream are thrown by it.</param>
/// <param name="where">What error messages call the receipt.</param>
internal sealed class ReceiptScanner(Stream utf8, string where)
{
    private const int FirstBufferBytes = 64 * 1024;

    private readonly ReceiptErrors errors = new(where);

    // The text without its files, which are cut out: "files": [].
    private readonly ArrayBufferWriter<byte> rest = new();

    private byte[] buffer = new byte[FirstBufferBytes];
    private int start;
    private int end;
    private bool isAtEnd;
    private bool hasStarted;
    private JsonReaderState state;
    private TextPlace place; // of the first unread byte
    private Part part;
    private RootField field;
    private int index; // of the next file
    private TextPlace cutStart;
    private TextPlace cutEnd;

    private enum Part
    {
        BeforeFiles,
        Files,
        AfterFiles,
    }

    private enum RootField
    {
        Other,
        Version,
        Files,
    }

    private ReadOnlySpan<byte> Unread => buffer.AsSpan(start, end - start);

    /// <summary>The next file, or what is wrong with the receipt; null after the last file.</summary>
    public Parsed<ReceiptFile>? Next()
    {
        SkipByteOrderMark();
        if (part == Part.BeforeFiles && ReadOutsideFiles() is { } wrongVersion)
            return wrongVersion;
        if (part == Part.Files && ReadFile() is { } file)
            return file;
        if (ReadOutsideFiles() is { } wrong)
            return wrong;
        return null;
    }

    /// <summary>The receipt without its files, once <see cref="Next"/> has read all of them.</summary>
    public Parsed<BundleReceipt> Rest()
    {
        try
        {
            BundleReceipt? receipt = JsonSerializer.Deserialize(rest.WrittenSpan, ReceiptJson.Default.BundleReceipt);
            if (receipt is null)
                return errors.Null;
            return ReceiptRules.HeaderProblem(receipt) is { } broken ? errors.Of(broken) : receipt;
        }
        catch (JsonException e)
        {
            TextPlace? inRest = ReceiptErrors.PlaceOf(e);
            return errors.Broken(JsonPlace.Field(e), inRest is { } found ? InText(found) : null);
        }
    }

    // Reads up to the first file, or from the last one to the end of the text.
    private InputError? ReadOutsideFiles()
    {
        try
        {
            while (true)
            {
                Utf8JsonReader reader = new(Unread, isAtEnd, state);
                while (reader.Read())
                {
                    if (reader.CurrentDepth != 1)
                        continue;
                    if (reader.TokenType == JsonTokenType.PropertyName)
                    {
                        field = FieldAt(ref reader);
                    }
                    else if (field == RootField.Version && HasUnknownVersion(ref reader, out int version))
                    {
                        // Reported before any error in the files, whose form can differ in another version.
                        return errors.Of(ReceiptRules.UnknownVersion(version));
                    }
                    else if (reader.TokenType == JsonTokenType.StartArray
                        && field == RootField.Files
                        && part == Part.BeforeFiles)
                    {
                        Consume(ref reader);
                        part = Part.Files;
                        cutStart = place;
                        return null;
                    }
                }

                Consume(ref reader);
                if (isAtEnd)
                {
                    part = Part.AfterFiles;
                    return null;
                }

                Fill();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for a name with half a surrogate pair.
            // Rest() stops at the same place, and its error knows the field.
            rest.Write(Unread);
            start = end;
            isAtEnd = true;
            part = Part.AfterFiles;
            return null;
        }
    }

    // Null at the end of the list.
    private Parsed<ReceiptFile>? ReadFile()
    {
        try
        {
            while (true)
            {
                Utf8JsonReader reader = new(Unread, isAtEnd, state);
                if (reader.Read())
                {
                    if (reader.TokenType == JsonTokenType.EndArray)
                    {
                        cutEnd = place;
                        part = Part.AfterFiles;
                        Consume(ref reader);
                        return null;
                    }

                    int offset = (int)reader.TokenStartIndex;
                    if (reader.TrySkip())
                    {
                        ReadOnlySpan<byte> text = Unread[offset..(int)reader.BytesConsumed];
                        Parsed<ReceiptFile> file = Parse(text, place.After(Unread[..offset]));
                        Consume(ref reader);
                        index++;
                        return file;
                    }
                }

                Fill();
            }
        }
        catch (JsonException e)
        {
            return Broken(e);
        }
    }

    private Parsed<ReceiptFile> Parse(ReadOnlySpan<byte> text, TextPlace at)
    {
        string path = $"files[{index}]";
        try
        {
            ReceiptFile? file = JsonSerializer.Deserialize(text, ReceiptJson.Default.ReceiptFile);
            if (file is null)
                return errors.Of((path, "is null"));
            return ReceiptRules.FileProblem(file) is (string inFile, string problem)
                ? errors.Of(($"{path}.{inFile}", problem))
                : file;
        }
        catch (JsonException e)
        {
            string below = e.Path is ['$', .. string pathInFile] ? pathInFile : "";
            TextPlace? inText = ReceiptErrors.PlaceOf(e) is { } found ? at.Plus(found) : null;
            return errors.Broken(Printable.Shortened(path + below), inText);
        }
    }

    // The reader knows the place, but not the field. Parsing the file on its own stops at the same place and tells it.
    private Parsed<ReceiptFile> Broken(JsonException e)
    {
        ReadOnlySpan<byte> text = Unread.TrimStart(" \t\r\n,"u8);
        Parsed<ReceiptFile> parsed = Parse(text, place.After(Unread[..^text.Length]));
        return parsed.IsOk ? errors.Broken($"files[{index}]", ReceiptErrors.PlaceOf(e)) : parsed;
    }

    private static RootField FieldAt(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("files"u8) ? RootField.Files
        : reader.ValueTextEquals("version"u8) ? RootField.Version
        : RootField.Other;

    private static bool HasUnknownVersion(ref Utf8JsonReader reader, out int version)
    {
        version = 0;
        return reader.TokenType == JsonTokenType.Number
            && reader.TryGetInt32(out version)
            && version != BundleReceipt.CurrentVersion;
    }

    private void Consume(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> read = Unread[..(int)reader.BytesConsumed];
        if (part != Part.Files)
            rest.Write(read);
        place = place.After(read);
        start += read.Length;
        state = reader.CurrentState;
    }

    private void Fill()
    {
        Unread.CopyTo(buffer);
        end -= start;
        start = 0;
        if (end == buffer.Length)
            Array.Resize(ref buffer, 2 * buffer.Length);
        int count = utf8.Read(buffer.AsSpan(end));
        end += count;
        isAtEnd = count == 0;
    }

    private void SkipByteOrderMark()
    {
        if (hasStarted)
            return;
        hasStarted = true;
        while (Unread.Length < JsonPlace.ByteOrderMark.Length && !isAtEnd)
            Fill();
        if (Unread.StartsWith(JsonPlace.ByteOrderMark))
            start += JsonPlace.ByteOrderMark.Length;
    }

    // A place in the text without its files, as a place in the text itself.
    private TextPlace InText(TextPlace inRest)
    {
        bool hasCut = cutEnd != default;
        bool isBeforeCut = inRest.Line < cutStart.Line
            || (inRest.Line == cutStart.Line && inRest.Column < cutStart.Column);
        if (!hasCut || isBeforeCut)
            return inRest;
        return inRest.Line == cutStart.Line
            ? cutEnd with { Column = cutEnd.Column + inRest.Column - cutStart.Column }
            : new TextPlace(inRest.Line - cutStart.Line + cutEnd.Line, inRest.Column);
    }
}
