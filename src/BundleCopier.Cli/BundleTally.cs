using BundleCopier.Native;

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

    /// <summary>Tells of several bundles in one sentence, and of standard output where it failed.</summary>
    /// <param name="right">The word for bundles with exit code 0.</param>
    /// <param name="messages">Messages for people.</param>
    /// <param name="output">Standard output, with the JSON of all bundles.</param>
    /// <returns>The exit code of the run.</returns>
    public int Finish(string right, Messages messages, StandardOutput output)
    {
        int bundles = counts.Values.Sum();
        if (bundles > 1)
            messages.Inform(Sentence(bundles, right));
        return output.Failure is { } failure
            ? Cli.ExitCode.Worst(ExitCode, Messages.NoOutput(failure))
            : ExitCode;
    }

    // "3 bundles: 1 intact, 1 not complete, 1 damaged"
    private string Sentence(int bundles, string right)
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
