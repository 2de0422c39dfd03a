namespace BundleCopier.Benchmarks.Report;

/// <summary>An axis on which each power of ten takes the same room.</summary>
/// <param name="Bottom">Where it begins: 1, 2 or 5 times a power of ten.</param>
/// <param name="Top">Where it ends: a greater one.</param>
public sealed record LogAxis(double Bottom, double Top)
{
    /// <summary>The shortest axis that has two positive values on it.</summary>
    public static LogAxis For(double smallest, double largest) => new(
        RoundAround(smallest).Last(r => r <= smallest),
        RoundAround(largest).First(r => r >= largest && r > smallest));

    /// <summary>The powers of ten on it, from below.</summary>
    public IEnumerable<double> Marks
    {
        get
        {
            // What is a hair beyond an end because of how fractions are stored is on it.
            int first = (int)Math.Ceiling(Math.Log10(Bottom) - 1e-9), last = (int)Math.Floor(Math.Log10(Top) + 1e-9);
            return Enumerable.Range(first, last - first + 1).Select(power => Math.Pow(10, power));
        }
    }

    /// <summary>Where a value is, from 0 at the bottom to 1 at the top; what is off the axis is at its end.</summary>
    public double Place(double value) => Math.Clamp(Math.Log10(value / Bottom) / Math.Log10(Top / Bottom), 0, 1);

    // Round numbers from below a value to above it.
    private static IEnumerable<double> RoundAround(double value)
    {
        int power = (int)Math.Floor(Math.Log10(value));
        return new[] { power - 1, power, power + 1 }.SelectMany(p => new[] { 1, 2, 5 }.Select(f => f * Math.Pow(10, p)));
    }
}
