namespace BundleCopier.Benchmarks.Report;

/// <summary>An axis from 0 to a round number, with a few round marks.</summary>
/// <param name="Top">Its end.</param>
/// <param name="Step">The distance of the marks.</param>
public sealed record Axis(double Top, double Step)
{
    private const int MaxMarks = 6;

    /// <summary>
    /// The shortest axis for a positive value, with steps of 1, 2 or 5 times a power of ten.
    /// </summary>
    public static Axis For(double largest)
    {
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(largest / MaxMarks)));
        double step = new[] { 1.0, 2, 5, 10 }.Select(f => f * magnitude).First(s => largest / s <= MaxMarks);
        return new Axis(Math.Ceiling(largest / step) * step, step);
    }

    /// <summary>All marks, from 0 to the top.</summary>
    public IEnumerable<double> Marks => Enumerable.Range(0, (int)Math.Round(Top / Step) + 1).Select(i => i * Step);
}
