namespace BundleCopier.Benchmarks.Running;

/// <summary>The measurements of all rounds of one way of copying.</summary>
/// <param name="Id">A short, unique name.</param>
/// <param name="Title">Its name in reports.</param>
/// <param name="IsOurs">Whether it is bundlecopy.</param>
/// <param name="Bytes">The bytes of one copy.</param>
/// <param name="Runs">One measurement for each round.</param>
public sealed record Series(string Id, string Title, bool IsOurs, long Bytes, IReadOnlyList<Measurement> Runs)
{
    private const double MiB = 1 << 20;
    private const double GiB = 1 << 30;

    public Summary Seconds => Summary.Of(Runs.Select(r => r.Seconds));

    public Summary MiBPerSecond => Summary.Of(Runs.Select(r => Bytes / MiB / r.Seconds));

    public Summary CpuSecondsPerGiB => Summary.Of(Runs.Select(r => r.CpuSeconds / (Bytes / GiB)));

    public Summary PeakRssMiB => Summary.Of(Runs.Select(r => r.PeakRssBytes / MiB));

    public Summary CachedMiB => Summary.Of(Runs.Select(r => r.CachedBytes / MiB));
}
