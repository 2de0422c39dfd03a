using System.Text.Json;
using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>
/// Reads a receipt file by file, so that the memory that it needs does not grow with the number of files. Each file is
/// checked on its own. The rest of the receipt is parsed and checked when all files have been read.
/// </summary>
/// <param name="utf8">The text, in UTF-8. Errors of the stream are thrown by it.</param>
/// <param name="where">What error messages call the receipt.</param>
/// <param name="limits">How large its parts may be.</param>
internal sealed class ReceiptScanner(Stream utf8, string where, ReceiptLimits limits)
{
    private readonly ReceiptErrors errors = new(where);
    private readonly JsonWindow window = new(utf8, limits.MaxTokenBytes);

    // The text without its files, which are cut out: "files": [].
    private readonly CutText rest = new();

    private ReceiptFileScanner? files;
    private Part part;
    private RootField field;

    private enum Part
    {
        Start,
        BeforeFiles,
        Files,
        AfterFiles,
    }

    private enum RootField
    {
        Other,
        Version,
        Labels,
        Files,
    }

    /// <summary>The next file, or what is wrong with the receipt; null after the last file.</summary>
    public Parsed<ReceiptFile>? Next()
    {
        if (part == Part.Start)
        {
            window.SkipByteOrderMark();
            part = Part.BeforeFiles;
        }

        if (part == Part.BeforeFiles && ReadOutsideFiles() is { } wrongVersion)
            return wrongVersion;
        if (part == Part.Files)
        {
            files ??= new ReceiptFileScanner(window, errors, limits);
            if (files.Next() is { } file)
                return file;
            rest.GoOnAt(files.End);
            part = Part.AfterFiles;
            rest.Add("]"u8);
        }

        if (ReadOutsideFiles() is { } wrong)
            return wrong;
        return null;
    }

    /// <summary>The receipt without its files, once <see cref="Next"/> has read all of them.</summary>
    public Parsed<BundleReceipt> Rest()
    {
        try
        {
            BundleReceipt? receipt = JsonSerializer.Deserialize(rest.Bytes, ReceiptJson.Default.BundleReceipt);
            if (receipt is null)
                return errors.Null;
            return ReceiptRules.HeaderProblem(receipt) is { } broken ? errors.Of(broken) : receipt;
        }
        catch (JsonException e)
        {
            TextPlace? inRest = ReceiptErrors.PlaceOf(e);
            return errors.Broken(JsonPlace.Field(e), inRest is { } found ? rest.InWhole(found) : null);
        }
    }

    // Reads up to the first file, or from the last one to the end of the text.
    private InputError? ReadOutsideFiles()
    {
        try
        {
            while (true)
            {
                Utf8JsonReader reader = window.Reader();
                bool isAtLabels = false;
                while (!isAtLabels && reader.Read())
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
                        rest.Add(window.Take(ref reader));
                        part = Part.Files;
                        return null;
                    }
                    else
                    {
                        isAtLabels = reader.TokenType == JsonTokenType.StartObject
                            && field == RootField.Labels
                            && !limits.KeepsLabels;
                    }
                }

                rest.Add(window.Take(ref reader));
                if (rest.Bytes.Length > limits.MaxHeadBytes)
                    return errors.TooLarge("", $"has more than {limits.MaxHeadBytes} bytes beside files and labels");
                if (isAtLabels)
                {
                    ReceiptLabelScanner labels = new(window, errors, limits);
                    if (labels.Problem() is { } wrong)
                        return wrong;
                    rest.GoOnAt(labels.End);
                    rest.Add("}"u8);
                }
                else if (window.IsAtEnd)
                {
                    part = Part.AfterFiles;
                    return null;
                }
                else if (!window.Fill())
                {
                    return errors.LongToken("", limits);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for a name with half a surrogate pair.
            // Rest() stops at the same place, and its error knows the field.
            rest.Add(window.TakeAll());
            part = Part.AfterFiles;
            return null;
        }
    }

    private static RootField FieldAt(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("files"u8) ? RootField.Files
        : reader.ValueTextEquals("version"u8) ? RootField.Version
        : reader.ValueTextEquals("labels"u8) ? RootField.Labels
        : RootField.Other;

    private static bool HasUnknownVersion(ref Utf8JsonReader reader, out int version)
    {
        version = 0;
        return reader.TokenType == JsonTokenType.Number
            && reader.TryGetInt32(out version)
            && version != BundleReceipt.CurrentVersion;
    }
}
