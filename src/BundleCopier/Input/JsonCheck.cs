using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace BundleCopier.Input;

/// <summary>
/// Walks JSON text once before it is bound to objects, and finds what is wrong with it as text: not UTF-8, not JSON, too deep, a key twice.
/// Binding can then only fail because a value is of the wrong type, so its errors are easy to explain.
/// </summary>
internal static class JsonCheck
{
    private const int MaxKeptKeys = 256;

    /// <summary>What is wrong with the text, or null. No field of our formats takes null, so null is refused here as well.</summary>
    public static InputError? Problem(ReadOnlySpan<byte> utf8, string where, int maxDepth)
    {
        if (utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return new InputError(where, "", "is empty", "Give one JSON object.");
        if (!Utf8.IsValid(utf8))
            return new InputError(where, "", $"is not UTF-8 ({JsonPlace.Of(utf8, FirstInvalid(utf8))})", "Save it as UTF-8.");

        // One level more than allowed, so that the excess is seen here, where the field is known, and not by the reader.
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
                        return new InputError(where, Path(levels, depth), $"is nested more than {maxDepth} levels deep", "Nothing here needs that; see the schema.");
                    levels[++depth].Open(reader.TokenType == JsonTokenType.StartArray);
                }
                else if (reader.TokenType == JsonTokenType.Null)
                {
                    return new InputError(where, Path(levels, depth), "must not be null", "Leave it out or give it a value.");
                }
                else if (reader.TokenType == JsonTokenType.String)
                {
                    // Half a surrogate pair written as an escape only shows when the text is taken out.
                    _ = reader.ValueIsEscaped ? reader.GetString() : null;
                }
            }
            return null;
        }
        catch (JsonException e)
        {
            return Syntax(utf8, where, Path(levels, depth), JsonPlace.Offset(utf8, e));
        }
        catch (InvalidOperationException)
        {
            return new InputError(where, Path(levels, depth), "holds an escape that is no character (half a surrogate pair)", "Write the whole character.");
        }
    }

    private static InputError Syntax(ReadOnlySpan<byte> utf8, string where, string path, int offset)
    {
        ReadOnlySpan<byte> rest = utf8[Math.Min(offset, utf8.Length)..];
        ReadOnlySpan<byte> before = utf8[..Math.Min(offset, utf8.Length)].TrimEnd(" \t\r\n"u8);
        string mend = rest switch
        {
            [] => "The text ends too early: look for a missing bracket or quote.",
            [(byte)'/', ..] => "Comments are not allowed in JSON: take it out.",
            [(byte)'}' or (byte)']', ..] when before is [.., (byte)','] => "Take out the comma before the closing bracket.",
            _ when path.Length == 0 && before is [.., (byte)'}'] => "Only one JSON object is allowed: take out what follows it.",
            [(byte)'\'', ..] => "Strings and keys are in double quotes.",
            _ => "Correct the text there.",
        };
        return new InputError(where, path, $"is not valid JSON at {JsonPlace.Of(utf8, offset)}", mend);
    }

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

    // Where the walk is at one depth: an index in an array, or the latest key of an object with the keys seen.
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
            // The set is used again for the next object at this depth. A big one is dropped: clearing it costs its capacity each time.
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
