using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>
/// The options of scripts/bench and scripts/bench-bystanders. The scripts check the user's input.
/// </summary>
public sealed record BenchmarkOptions
{
    public required Workplace Place { get; init; }

    /// <summary>The size of the file that every way copies.</summary>
    public required long SizeBytes { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Rounds of the section with many small files, the slowest section.</summary>
    public int SmallRounds { get; init; }

    /// <summary>The memory that stays available after filling.</summary>
    public long KeepFreeBytes { get; init; }

    /// <summary>With less available memory the filling is freed.</summary>
    public long FloorBytes { get; init; }

    /// <summary>The only section to run, or the only ways, separated by commas; empty: all.</summary>
    public string Only { get; init; } = "";

    /// <summary>The directory for the report and the plot; empty: the report goes to standard output.</summary>
    public string Output { get; init; } = "";

    /// <summary>The file that gets the plot and the table in its marked part; empty: none.</summary>
    public string Readme { get; init; } = "";

    /// <summary>The command that the user gave, for the report.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Parses pairs of names and values.</summary>
    public static BenchmarkOptions Parse(string[] words)
    {
        Dictionary<string, string> values = words.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        return new BenchmarkOptions
        {
            Place = new Workplace(values["--memory"], values["--disk"], values["--tools"], values["--bundlecopy"]),
            SizeBytes = long.Parse(values["--size-bytes"], CultureInfo.InvariantCulture),
            Rounds = int.Parse(values["--rounds"], CultureInfo.InvariantCulture),
            SmallRounds = int.Parse(values.GetValueOrDefault("--small-rounds", "0"), CultureInfo.InvariantCulture),
            KeepFreeBytes = long.Parse(
                values.GetValueOrDefault("--keep-free-bytes", "0"), CultureInfo.InvariantCulture),
            FloorBytes = long.Parse(values.GetValueOrDefault("--floor-bytes", "0"), CultureInfo.InvariantCulture),
            Only = values["--only"],
            Output = values["--output"],
            Readme = values.GetValueOrDefault("--readme", ""),
            CommandLine = values["--command-line"],
        };
    }
}
