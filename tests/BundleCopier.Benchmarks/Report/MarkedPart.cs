namespace BundleCopier.Benchmarks.Report;

/// <summary>The part of a text between two markers. A program writes it.</summary>
/// <param name="name">The name in the markers.</param>
public sealed class MarkedPart(string name)
{
    public static MarkedPart Bystanders { get; } = new("bystanders");

    public string Begin { get; } = $"<!-- {name}:begin -->";

    public string End { get; } = $"<!-- {name}:end -->";

    /// <summary>Replaces the text between the markers.</summary>
    /// <exception cref="FormatException">The markers are missing.</exception>
    public string Replace(string text, string content)
    {
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new FormatException($"There is no {Begin} with {End} after it.");
        return $"{text[..begin]}{Begin}\n{content.Trim('\n')}\n{text[end..]}";
    }
}
