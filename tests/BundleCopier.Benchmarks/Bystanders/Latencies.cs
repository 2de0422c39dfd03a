namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>Many latencies of one operation.</summary>
public sealed class Latencies
{
    private readonly long[] sortedUs;

    public Latencies(IEnumerable<Moment> moments)
    {
        sortedUs = [.. moments.Select(m => m.TookUs).Order()];
        if (sortedUs.Length == 0)
            throw new ArgumentException("There are no moments.", nameof(moments));
    }

    public int Count => sortedUs.Length;

    public double MaxMs => sortedUs[^1] / 1000.0;

    /// <summary>
    /// The smallest measured latency that at least this share of all latencies did not exceed. Nothing is
    /// interpolated.
    /// </summary>
    /// <param name="share">Above 0, at most 1.</param>
    public double PercentileMs(double share) =>
        sortedUs[Math.Clamp((int)Math.Ceiling(share * Count) - 1, 0, Count - 1)] / 1000.0;
}
