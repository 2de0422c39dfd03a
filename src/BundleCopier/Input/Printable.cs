using System.Globalization;
using System.Text;

namespace BundleCopier.Input;

/// <summary>Makes text from outside safe to print on one line of a terminal or a log.</summary>
internal static class Printable
{
    // Enough for most paths; a malicious name of a megabyte must not fill the screen.
    private const int MaxQuotedChars = 120;

    /// <summary>
    /// Returns the text with each control character (line break, terminal escape) written as \uXXXX.
    /// </summary>
    public static string Of(string text)
    {
        int first = text.AsSpan().IndexOfAnyInRange('\0', '\u001f');
        if (first < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0)
            return text;
        StringBuilder safe = new(text.Length + 16);
        foreach (char c in text)
        {
            if (char.IsControl(c))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                safe.Append(c);
        }
        return safe.ToString();
    }

    /// <summary>Returns the text in double quotes, without its middle when it is very long.</summary>
    public static string Quoted(string text) => $"\"{Shortened(text)}\"";

    /// <summary>Returns the text, without its middle when it is very long.</summary>
    public static string Shortened(string text) =>
        text.Length <= MaxQuotedChars ? text : $"{text[..(MaxQuotedChars / 2)]}...{text[^(MaxQuotedChars / 2)..]}";
}
