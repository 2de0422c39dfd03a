using System.Globalization;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>One operation of a neighbour.</summary>
/// <param name="AtUs">Its start, on CLOCK_MONOTONIC, the clock of Stopwatch.</param>
/// <param name="TookUs">Its latency.</param>
public readonly record struct Moment(long AtUs, long TookUs)
{
    /// <summary>Reads the record that a neighbour wrote.</summary>
    public static Moment[] Read(string path) => [.. File.ReadLines(path).Select(Parse)];

    /// <summary>The longest operation of each stretch of time.</summary>
    public static IEnumerable<Moment> HighestPer(long stretchUs, IEnumerable<Moment> moments) =>
        moments.GroupBy(m => m.AtUs / stretchUs).Select(stretch => stretch.MaxBy(m => m.TookUs));

    private static Moment Parse(string line)
    {
        string[] figures = line.Split(' ');
        return new Moment(
            long.Parse(figures[0], CultureInfo.InvariantCulture),
            long.Parse(figures[1], CultureInfo.InvariantCulture));
    }
}
