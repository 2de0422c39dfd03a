namespace BundleCopier.Benchmarks.Report;

/// <summary>An axis from 0 to a round number, with few round numbers on it.</summary>
/// <param name="Top">Where it ends.</param>
/// <param name="Step">From one mark to the next.</param>
public sealed record Axis(double Top, double Step)
{
    private const int MostMarks = 6;

    /// <summary>The shortest axis that reaches a positive value with steps of 1, 2 or 5 times a power of ten.</summary>
    public static Axis For(double largest)
    {
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(largest / MostMarks)));
        double step = new[] { 1.0, 2, 5, 10 }.Select(f => f * magnitude).First(s => largest / s <= MostMarks);
        return new Axis(Math.Ceiling(largest / step) * step, step);
    }

    /// <summary>All marks, from 0 to the top.</summary>
    public IEnumerable<double> Marks => Enumerable.Range(0, (int)Math.Round(Top / Step) + 1).Select(i => i * Step);
}
