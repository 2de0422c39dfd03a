using System.Text;

namespace BundleCopier.Cli;

/// <summary>
/// How many columns of a terminal a text takes. Terminals do not agree on characters outside of ASCII, so each counts
/// as two: the answer can be too large, and is never too small.
/// </summary>
internal static class TextColumns
{
    public static int Of(string text)
    {
        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
            columns += ColumnsOf(rune);
        return columns;
    }

    /// <summary>The text, or its start with three dots where it is wider than the terminal allows.</summary>
    public static string Fit(string text, int maxColumns)
    {
        if (Of(text) <= maxColumns)
            return text;
        const string Dots = "...";
        int left = maxColumns - Dots.Length;
        StringBuilder start = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if ((left -= ColumnsOf(rune)) < 0)
                break;
            start.Append(rune.ToString());
        }

        return start.Append(Dots.AsSpan(0, Math.Clamp(maxColumns, 0, Dots.Length))).ToString();
    }

    /// <summary>The text with a question mark for each character outside of ASCII.</summary>
    public static string Ascii(string text) =>
        Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(text));

    private static int ColumnsOf(Rune rune) => rune.IsAscii ? 1 : 2;
}
