using System.Globalization;
using System.Text;

namespace BundleCopier.Model;

/// <summary>
/// Writes a name with raw bytes (<see cref="NameBytes"/>) as text that JSON and a terminal can hold: each raw byte as
/// <c>\xff</c>, a backslash as <c>\\</c>, and everything else as it is (docs/format.md).
/// </summary>
internal static class NameEscape
{
    private const int HexDigits = 2;

    /// <summary>The escaped spelling of a name.</summary>
    public static string Of(string name)
    {
        StringBuilder escaped = new(name.Length + 16);
        for (int i = 0; i < name.Length; i++)
        {
            if (NameBytes.IsRaw(name, i))
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{NameBytes.RawAt(name, i):x2}");
            else if (name[i] == '\\')
                escaped.Append(@"\\");
            else
                escaped.Append(name[i]);
        }

        return escaped.ToString();
    }

    /// <summary>A text for people, which may have a name in it: escaped where that has raw bytes.</summary>
    public static string InText(string text) => NameBytes.HasRaw(text) ? Of(text) : text;

    /// <summary>The name of an escaped spelling; null where the text is none.</summary>
    public static string? Reverse(string escaped)
    {
        StringBuilder name = new(escaped.Length);
        for (int i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                name.Append(escaped[i]);
                continue;
            }

            ReadOnlySpan<char> rest = escaped.AsSpan(i + 1);
            if (rest.StartsWith('\\'))
            {
                name.Append('\\');
                i++;
            }
            else if (rest.StartsWith('x') && RawByte(rest[1..]) is { } raw)
            {
                name.Append(NameBytes.Raw(raw));
                i += 1 + HexDigits;
            }
            else
            {
                return null;
            }
        }

        // Bytes that are valid UTF-8 together are a character, however they were written: a name has one text only.
        string text = name.ToString();
        return NameBytes.HasRaw(text) ? NameBytes.ToText(NameBytes.Of(text)) : text;
    }

    // Never an ASCII character, such as a slash.
    private static byte? RawByte(ReadOnlySpan<char> digits) =>
        digits.Length >= HexDigits
        && byte.TryParse(
            digits[..HexDigits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte raw)
        && raw >= 0x80
            ? raw
            : null;
}
