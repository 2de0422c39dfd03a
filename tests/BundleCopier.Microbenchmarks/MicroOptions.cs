namespace BundleCopier.Microbenchmarks;

/// <summary>The options of scripts/bench-micro. The script checks the user's input.</summary>
/// <param name="Quick">Fewer and shorter iterations, in one process.</param>
/// <param name="Only">The only group to run; empty for all.</param>
/// <param name="NativeLack">Why nothing can be compiled ahead of time; empty if it can.</param>
/// <param name="Artifacts">A directory for build output and the log.</param>
/// <param name="Output">The report; empty: it goes to standard output.</param>
/// <param name="CommandLine">The command that the user gave, for the report.</param>
internal sealed record MicroOptions(
    bool Quick, string Only, string NativeLack, string Artifacts, string Output, string CommandLine)
{
    /// <summary>Parses pairs of names and values.</summary>
    public static MicroOptions Parse(string[] words)
    {
        Dictionary<string, string> values = words.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        return new MicroOptions(
            bool.Parse(values["--quick"]), values["--only"], values["--native-lack"],
            values["--artifacts"], values["--output"], values["--command-line"]);
    }

    public bool HasNative => NativeLack is "";

    /// <summary>How each way is measured, in words.</summary>
    public string How => $"""
        Each in {(Launches == 1 ? "a process" : $"{Launches} processes")} of its own,
        {Iterations} iterations of {IterationMs} ms each after {WarmUps} to warm up, none left out.
        Segments of 1 MiB lie in slabs as in a copy. Eight of them take turns, so none is in its core's own cache.
        """;

    public int Launches => Quick ? 1 : 3;

    // During the warm-up, the JIT must have time to optimise the code.
    public int WarmUps => 8;

    public int Iterations => 15;

    public int IterationMs => Quick ? 50 : 100;
}
