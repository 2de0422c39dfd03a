using System.Text;

namespace BundleCopier.Benchmarks.Report;

/// <summary>A table in Markdown.</summary>
/// <param name="wordColumns">
/// How many columns, from the first, have words, which stand to the left; the others have figures.
/// </param>
/// <param name="headers">The headings of the columns.</param>
public sealed class MarkdownTable(int wordColumns, params IReadOnlyList<string> headers)
{
    private readonly List<IReadOnlyList<string>> rows = [];

    public void Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != headers.Count)
            throw new ArgumentException($"{cells.Count} cells for {headers.Count} columns", nameof(cells));
        rows.Add(cells);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        Append(text, headers);
        Append(text, [.. headers.Select((_, i) => i < wordColumns ? "---" : "--:")]);
        foreach (IReadOnlyList<string> row in rows)
            Append(text, row);
        return text.ToString();
    }

    // A bar in a cell would start a new cell.
    private static void Append(StringBuilder text, IReadOnlyList<string> cells)
    {
        IEnumerable<string> escaped = cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal));
        text.Append("| ").AppendJoin(" | ", escaped).Append(" |\n");
    }
}
