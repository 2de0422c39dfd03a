using System.Text;

namespace BundleCopier.Cli;

/// <summary>Rows of text in columns, for standard output.</summary>
internal static class TextTable
{
    // One very long name does not move the columns of all others to the right.
    private const int MaxColumns = 60;

    /// <param name="rows">The rows, with the headings first. All have as many cells.</param>
    /// <param name="rightAligned">The columns of numbers.</param>
    public static string Of(IReadOnlyList<string[]> rows, params ReadOnlySpan<int> rightAligned)
    {
        int[] widths = [.. rows[0].Select((_, i) => rows.Max(row => Math.Min(TextColumns.Of(row[i]), MaxColumns)))];
        StringBuilder text = new();
        foreach (string[] row in rows)
        {
            int start = text.Length;
            for (int i = 0; i < row.Length; i++)
            {
                int padding = Math.Max(0, widths[i] - TextColumns.Of(row[i]));
                bool isRight = rightAligned.Contains(i);
                text.Append("  ").Append(' ', isRight ? padding : 0).Append(row[i]);
                text.Append(' ', isRight || i == row.Length - 1 ? 0 : padding);
            }

            while (text.Length > start && text[^1] == ' ')
                text.Length--;
            text.Append('\n');
        }

        return text.ToString();
    }
}
