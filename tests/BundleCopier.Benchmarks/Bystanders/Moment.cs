using System.Globalization;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>A neighbour did its thing once.</summary>
/// <param name="AtUs">When it began, on CLOCK_MONOTONIC, which is also what Stopwatch shows.</param>
/// <param name="TookUs">How long it took.</param>
public readonly record struct Moment(long AtUs, long TookUs)
{
    /// <summary>A neighbour's whole record.</summary>
    public static Moment[] Read(string path) => [.. File.ReadLines(path).Select(Parse)];

    /// <summary>Only the highest of each stretch of time that has any.</summary>
    public static IEnumerable<Moment> HighestPer(long stretchUs, IEnumerable<Moment> moments) =>
        moments.GroupBy(m => m.AtUs / stretchUs).Select(stretch => stretch.MaxBy(m => m.TookUs));

    private static Moment Parse(string line)
    {
        string[] figures = line.Split(' ');
        return new Moment(long.Parse(figures[0], CultureInfo.InvariantCulture), long.Parse(figures[1], CultureInfo.InvariantCulture));
    }
}
