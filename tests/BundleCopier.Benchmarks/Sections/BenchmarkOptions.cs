using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>What scripts/bench or scripts/bench-bystanders wants. It checks what people type; this is between it and us.</summary>
public sealed record BenchmarkOptions
{
    public required Workplace Place { get; init; }

    /// <summary>How large the file is that every way copies.</summary>
    public required long SizeBytes { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Rounds of the section with many small files, which takes longest for each.</summary>
    public int SmallRounds { get; init; }

    /// <summary>How much memory is to be available when it has been filled.</summary>
    public long KeepFreeBytes { get; init; }

    /// <summary>With less memory than this what was filled is given back.</summary>
    public long FloorBytes { get; init; }

    /// <summary>The only section to run, or the only ways, with commas; all of them where this is empty.</summary>
    public string Only { get; init; } = "";

    /// <summary>The directory for the report and the plot; empty: the report goes to standard output.</summary>
    public string Output { get; init; } = "";

    /// <summary>The file whose marked part gets plot and table; empty: none.</summary>
    public string Readme { get; init; } = "";

    /// <summary>What was typed, for the report.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Reads name and value in turn.</summary>
    public static BenchmarkOptions Parse(string[] words)
    {
        Dictionary<string, string> values = words.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        return new BenchmarkOptions
        {
            Place = new Workplace(values["--memory"], values["--disk"], values["--tools"], values["--bundlecopy"]),
            SizeBytes = long.Parse(values["--size-bytes"], CultureInfo.InvariantCulture),
            Rounds = int.Parse(values["--rounds"], CultureInfo.InvariantCulture),
            SmallRounds = int.Parse(values.GetValueOrDefault("--small-rounds", "0"), CultureInfo.InvariantCulture),
            KeepFreeBytes = long.Parse(values.GetValueOrDefault("--keep-free-bytes", "0"), CultureInfo.InvariantCulture),
            FloorBytes = long.Parse(values.GetValueOrDefault("--floor-bytes", "0"), CultureInfo.InvariantCulture),
            Only = values["--only"],
            Output = values["--output"],
            Readme = values.GetValueOrDefault("--readme", ""),
            CommandLine = values["--command-line"],
        };
    }
}
