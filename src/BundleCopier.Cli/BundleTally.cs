namespace BundleCopier.Cli;

/// <summary>How reading several bundles back ended.</summary>
internal sealed class BundleTally
{
    private readonly Dictionary<int, int> counts = [];

    /// <summary>The worst of the exit codes.</summary>
    public int ExitCode { get; private set; }

    public void Add(int code)
    {
        counts[code] = counts.GetValueOrDefault(code) + 1;
        ExitCode = Cli.ExitCode.Worst(ExitCode, code);
    }

    /// <summary>The last line: <c>3 bundles: 1 intact, 1 not complete, 1 damaged</c>.</summary>
    /// <param name="bundles">How many there are.</param>
    /// <param name="right">The word for those with exit code 0.</param>
    public string Sentence(int bundles, string right)
    {
        (int Code, string Word)[] words =
        [
            (Cli.ExitCode.Complete, right),
            (Cli.ExitCode.Partial, "not complete"),
            (Cli.ExitCode.Damaged, "damaged"),
            (Cli.ExitCode.Invalid, "refused"),
            (Cli.ExitCode.Failed, "failed"),
        ];
        IEnumerable<string> parts = words.Where(w => counts.ContainsKey(w.Code))
            .Select(w => $"{counts[w.Code]} {w.Word}");
        return $"{Messages.Count(bundles, "bundle")}: {string.Join(", ", parts)}";
    }
}
