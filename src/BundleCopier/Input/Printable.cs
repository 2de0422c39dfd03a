using System.Globalization;
using System.Text;

namespace BundleCopier.Input;

/// <summary>Makes text from outside safe to show on one line of a terminal or a log.</summary>
internal static class Printable
{
    // Long enough for any sensible path, short enough that a hostile megabyte does not fill the screen.
    private const int LongestQuote = 120;

    /// <summary>The text with every control character (line breaks, terminal escapes) written as \uXXXX.</summary>
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

    /// <summary>The text in double quotes, cut short in the middle when it is very long.</summary>
    public static string Quoted(string text) => $"\"{Shortened(text)}\"";

    /// <summary>The text, cut short in the middle when it is very long.</summary>
    public static string Shortened(string text) =>
        text.Length <= LongestQuote ? text : $"{text[..(LongestQuote / 2)]}...{text[^(LongestQuote / 2)..]}";
}
