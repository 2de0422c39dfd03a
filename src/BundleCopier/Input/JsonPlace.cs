using System.Text;
using System.Text.Json;

namespace BundleCopier.Input;

/// <summary>Describes positions in JSON text for people.</summary>
internal static class JsonPlace
{
    /// <summary>The byte order mark that some editors put before UTF-8 text.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Line and column, both counted from one. The column is in bytes.</summary>
    public static string Of(ReadOnlySpan<byte> utf8, int offset)
    {
        ReadOnlySpan<byte> before = utf8[..Math.Min(offset, utf8.Length)];
        int lineStart = before.LastIndexOf((byte)'\n') + 1;
        return $"line {before.Count((byte)'\n') + 1}, column {before.Length - lineStart + 1}";
    }

    /// <summary>The offset of the byte at which the JSON reader failed.</summary>
    public static int Offset(ReadOnlySpan<byte> utf8, JsonException e)
    {
        int offset = 0;
        for (long line = e.LineNumber ?? 0; line > 0; line--)
        {
            int end = utf8[offset..].IndexOf((byte)'\n');
            if (end < 0)
                break;
            offset += end + 1;
        }
        return (int)Math.Min(offset + (e.BytePositionInLine ?? 0), utf8.Length);
    }

    /// <summary>
    /// The serializer's path (<c>$.files[0].name</c>) as error messages write it (<c>files[0].name</c>).
    /// </summary>
    public static string Field(JsonException e)
    {
        string path = e.Path ?? "";
        if (path.StartsWith('$'))
            path = path[1..];
        return Printable.Shortened(path.StartsWith('.') ? path[1..] : path);
    }

    /// <summary>
    /// Appends a key to a path: <c>.key</c>, or <c>['a key']</c> when it has other characters than a plain name.
    /// </summary>
    public static void AppendKey(StringBuilder path, string key)
    {
        if (key.Length > 0 && key.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-'))
            path.Append(path.Length > 0 ? "." : "").Append(Printable.Shortened(key));
        else
            path.Append("['").Append(Printable.Shortened(key)).Append("']");
    }

    /// <summary>Returns a path with a key appended.</summary>
    public static string Append(string path, string key)
    {
        StringBuilder longer = new(path);
        AppendKey(longer, key);
        return longer.ToString();
    }
}
