using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace BundleCopier.Input;

/// <summary>
/// Checks JSON text before it is deserialized: that it is UTF-8 and valid JSON, is not nested too deeply, and has no
/// duplicate key. Deserializing can then only fail because of a value's type, so its errors are easy to explain.
/// </summary>
internal static class JsonCheck
{
    private const int MaxKeptKeys = 256;

    /// <summary>
    /// The first error in the text; null when there is none. No field of our formats may be null, so null is an error
    /// too.
    /// </summary>
    public static InputError? Problem(ReadOnlySpan<byte> utf8, string where, int maxDepth)
    {
        if (utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return new InputError(where, "", "is empty", "Give one JSON object.");
        if (!Utf8.IsValid(utf8))
        {
            string place = JsonPlace.Of(utf8, FirstInvalid(utf8));
            return new InputError(where, "", $"is not UTF-8 ({place})", "Save it as UTF-8.");
        }


        // The reader allows one level more, so that this code reports the error: it knows the field.
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        Level[] levels = new Level[maxDepth + 2];
        int depth = 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    depth--;
                    continue;
                }
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (!levels[depth].Add(reader.GetString()!))
                        return new InputError(where, Path(levels, depth), "is given twice", "Keep one of the two.");
                    continue;
                }
                if (depth > 0)
                    levels[depth].Next();
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    if (depth == maxDepth)
                    {
                        return new InputError(
                            where,
                            Path(levels, depth),
                            $"is nested more than {maxDepth} levels deep",
                            "No field needs that; see the schema.");
                    }

                    levels[++depth].Open(reader.TokenType == JsonTokenType.StartArray);
                }
                else if (reader.TokenType == JsonTokenType.Null)
                {
                    string path = Path(levels, depth);
                    return new InputError(where, path, "must not be null", "Leave it out or give it a value.");
                }
                else if (reader.TokenType == JsonTokenType.String)
                {
                    // Only GetString notices an escape that is half a surrogate pair; it throws then.
                    _ = reader.ValueIsEscaped ? reader.GetString() : null;
                }
            }
            return null;
        }
        catch (JsonException e)
        {
            bool isAfterKey = reader.TokenType == JsonTokenType.PropertyName;
            return Syntax(utf8, where, Path(levels, depth), JsonPlace.Offset(utf8, e), isAfterKey);
        }
        catch (InvalidOperationException)
        {
            return new InputError(
                where,
                Path(levels, depth),
                "holds an escape that is not a character (half a surrogate pair)",
                "Write the whole character.");
        }
    }

    private static InputError Syntax(ReadOnlySpan<byte> utf8, string where, string path, int offset, bool isAfterKey)
    {
        ReadOnlySpan<byte> rest = utf8[Math.Min(offset, utf8.Length)..];
        ReadOnlySpan<byte> before = utf8[..Math.Min(offset, utf8.Length)].TrimEnd(" \t\r\n"u8);
        string mend = rest switch
        {
            [] => "The text ends too early: look for a missing bracket or quote.",
            [(byte)'/', ..] => "Comments are not allowed in JSON: take it out.",
            [(byte)'}' or (byte)']', ..] when before is [.., (byte)','] =>
                "Take out the comma before the closing bracket.",
            _ when path.Length == 0 && before is [.., (byte)'}'] =>
                "Only one JSON object is allowed: take out the text behind it.",
            [(byte)'\'', ..] => "Put strings and keys in double quotes.",
            [(byte)'"' or (byte)'{' or (byte)'[' or (byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..]
                when isAfterKey && before is [.., (byte)'"'] => "A colon is missing after the key.",
            [(byte)'"' or (byte)'{' or (byte)'[', ..] when !isAfterKey && EndsValue(before) =>
                $"A comma is missing: put one at {JsonPlace.Of(utf8, before.Length)}.",
            _ => "Correct the text there.",
        };
        return new InputError(where, path, $"is not valid JSON at {JsonPlace.Of(utf8, offset)}", mend);
    }

    private static bool EndsValue(ReadOnlySpan<byte> before) =>
        before is [.., (byte)'"' or (byte)'}' or (byte)']']
        || (before.Length > 0 && char.IsAsciiLetterOrDigit((char)before[^1]));

    private static int FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        int at = 0;
        while (at < utf8.Length && Rune.DecodeFromUtf8(utf8[at..], out _, out int width) == OperationStatus.Done)
            at += width;
        return at;
    }

    private static string Path(Level[] levels, int depth)
    {
        StringBuilder path = new();
        for (int i = 1; i <= depth; i++)
            levels[i].AppendTo(path);
        return path.ToString();
    }

    // The position at one depth: an index in an array, or the latest key of an object and all its keys so far.
    private struct Level
    {
        private bool isArray;
        private int index;
        private string? key;
        private HashSet<string>? seen;

        public void Open(bool isArray)
        {
            this.isArray = isArray;
            index = -1;
            key = null;
            // The next object at this depth uses the same set. A big set is dropped, because each Clear costs its
            // whole capacity.
            if (seen?.Count > MaxKeptKeys)
                seen = null;
            seen?.Clear();
        }

        public bool Add(string key)
        {
            this.key = key;
            return (seen ??= new HashSet<string>(StringComparer.Ordinal)).Add(key);
        }

        public void Next() => index++;

        public readonly void AppendTo(StringBuilder path)
        {
            if (isArray && index >= 0)
                path.Append('[').Append(index).Append(']');
            else if (!isArray && key is not null)
                JsonPlace.AppendKey(path, key);
        }
    }
}
