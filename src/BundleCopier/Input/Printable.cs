using System.Buffers;
using System.Globalization;
using System.Text;
using BundleCopier.Model;

namespace BundleCopier.Input;

/// <summary>Makes text from outside safe to print on one line of a terminal or a log.</summary>
internal static class Printable
{
    // Enough for most paths; a malicious name of a megabyte must not fill the screen.
    private const int MaxQuotedChars = 120;

    // Beside the control characters: what breaks lines, what changes the direction of text, so that another name is
    // seen (U+202E), and what is not seen at all.
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(static c => (char)c).Where(MayBeUnsafe)]);

    /// <summary>
    /// Returns the text with each character that a terminal does not just show written as \uXXXX, and a name with bytes
    /// that are not UTF-8 in its escaped spelling (<see cref="NameEscape"/>).
    /// </summary>
    public static string Of(string text)
    {
        text = NameEscape.InText(text);
        int first = text.AsSpan().IndexOfAny(Unsafe);
        if (first < 0 || IsSafe(text.AsSpan(first)))
            return text;
        StringBuilder safe = new(text, 0, first, text.Length + 16);
        foreach (Rune rune in text.AsSpan(first).EnumerateRunes())
        {
            if (!IsUnsafe(rune))
                safe.Append(rune.ToString());
            else if (rune.IsBmp)
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                safe.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }

        return safe.ToString();
    }

    /// <summary>Returns the text in double quotes, without its middle when it is very long.</summary>
    public static string Quoted(string text) => $"\"{Shortened(text)}\"";

    /// <summary>Returns the text, without its middle when it is very long.</summary>
    public static string Shortened(string text) => Shortened(text, MaxQuotedChars);

    /// <summary>Returns the text, without its middle when it has more than so many characters.</summary>
    public static string Shortened(string text, int maxChars)
    {
        if (text.Length <= maxChars)
            return text;
        // Never half of a surrogate pair: the second half would be taken for a raw byte.
        int start = maxChars / 2;
        int end = text.Length - start;
        if (char.IsHighSurrogate(text[start - 1]))
            start--;
        if (char.IsHighSurrogate(text[end - 1]))
            end++;
        return $"{text[..start]}...{text[end..]}";
    }

    private static bool IsSafe(ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsUnsafe(rune))
                return false;
        }

        return true;
    }

    // The joiner U+200D is a part of many characters that people see as one.
    internal static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => rune.Value != 0x200D,
        _ => rune.Value is 0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0, // letters without a shape
    };

    // Half of a pair needs a look at the whole.
    private static bool MayBeUnsafe(char c) => char.IsSurrogate(c) || IsUnsafe(new Rune(c));
}
