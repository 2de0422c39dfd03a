using System.Text;
using System.Text.Json;

namespace BundleCopier.Input;

/// <summary>Says where in JSON text something is, in a form a person can follow.</summary>
internal static class JsonPlace
{
    /// <summary>What some editors put before UTF-8 text.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Line and column, both counted from one; the column in bytes, as editors' "go to column" does for plain text.</summary>
    public static string Of(ReadOnlySpan<byte> utf8, int offset)
    {
        ReadOnlySpan<byte> before = utf8[..Math.Min(offset, utf8.Length)];
        return $"line {before.Count((byte)'\n') + 1}, column {before.Length - (before.LastIndexOf((byte)'\n') + 1) + 1}";
    }

    /// <summary>The byte a reader stumbled over.</summary>
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

    /// <summary>The serializer's path (<c>$.files[0].name</c>) as error messages write it (<c>files[0].name</c>).</summary>
    public static string Field(JsonException e)
    {
        string path = e.Path ?? "";
        if (path.StartsWith('$'))
            path = path[1..];
        return Printable.Shortened(path.StartsWith('.') ? path[1..] : path);
    }

    /// <summary>Appends a key to a path, in brackets and quotes when it would not read as one name.</summary>
    public static void AppendKey(StringBuilder path, string key)
    {
        if (key.Length > 0 && key.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-'))
            path.Append(path.Length > 0 ? "." : "").Append(Printable.Shortened(key));
        else
            path.Append("['").Append(Printable.Shortened(key)).Append("']");
    }

    /// <summary>A path with a key appended.</summary>
    public static string Append(string path, string key)
    {
        StringBuilder longer = new(path);
        AppendKey(longer, key);
        return longer.ToString();
    }
}
