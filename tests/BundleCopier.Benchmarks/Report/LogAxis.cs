namespace BundleCopier.Benchmarks.Report;

/// <summary>A logarithmic axis.</summary>
/// <param name="Bottom">Its start: 1, 2 or 5 times a power of ten.</param>
/// <param name="Top">Its end: 1, 2 or 5 times a power of ten.</param>
public sealed record LogAxis(double Bottom, double Top)
{
    /// <summary>The shortest axis that contains two positive values.</summary>
    public static LogAxis For(double smallest, double largest) => new(
        RoundAround(smallest).Last(r => r <= smallest),
        RoundAround(largest).First(r => r >= largest && r > smallest));

    /// <summary>The powers of ten on the axis, ascending.</summary>
    public IEnumerable<double> Marks
    {
        get
        {
            // A value slightly beyond an end, because of rounding, is on the axis.
            int first = (int)Math.Ceiling(Math.Log10(Bottom) - 1e-9), last = (int)Math.Floor(Math.Log10(Top) + 1e-9);
            return Enumerable.Range(first, last - first + 1).Select(power => Math.Pow(10, power));
        }
    }

    /// <summary>
    /// The place of a value, from 0 at the bottom to 1 at the top; values beyond an end are at that end.
    /// </summary>
    public double Place(double value) => Math.Clamp(Math.Log10(value / Bottom) / Math.Log10(Top / Bottom), 0, 1);

    // Round numbers around a value.
    private static IEnumerable<double> RoundAround(double value)
    {
        int power = (int)Math.Floor(Math.Log10(value));
        return new[] { power - 1, power, power + 1 }.SelectMany(
            p => new[] { 1, 2, 5 }.Select(f => f * Math.Pow(10, p)));
    }
}
