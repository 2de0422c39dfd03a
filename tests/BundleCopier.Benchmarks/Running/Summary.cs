namespace BundleCopier.Benchmarks.Running;

/// <summary>Median, minimum and maximum of some figures.</summary>
public sealed record Summary(double Median, double Min, double Max)
{
    /// <summary>Of an even number of figures, the median is the mean of the two in the middle.</summary>
    public static Summary Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("There are no figures.", nameof(figures));
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(median, sorted[0], sorted[^1]);
    }
}
