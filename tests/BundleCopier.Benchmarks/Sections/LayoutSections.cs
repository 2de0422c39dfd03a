using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sources;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>Compares map, slab and auto on a file that was written in order.</summary>
public sealed class ContiguousSection : ISection
{
    public const string Name = "contiguous";

    public string Id => Name;

    public void Run(Bench bench, Findings findings)
    {
        string source = bench.InMemory("ordered");
        bench.Sources.InOrder(source, bench.Options.SizeBytes);
        findings.Add(Id, Compare(bench, source));
        File.Delete(source);
    }

    internal static IReadOnlyList<Series> Compare(Bench bench, string source) =>
        bench.Rounds.Run(
            [bench.BundleCopy.BareAuto, bench.BundleCopy.BareSlab, bench.BundleCopy.BareMap],
            source,
            bench.Options.SizeBytes,
            bench.Options.Rounds);
}

/// <summary>The same on a file in huge pages, in a separate tmpfs.</summary>
public sealed class HugePagesSection : ISection
{
    public const string Name = "huge";

    public string Id => Name;

    public void Run(Bench bench, Findings findings)
    {
        long bytes = bench.Options.SizeBytes;
        using HugePageMount? mount = HugePageMount.TryMount(bench.InMemory("huge"), bytes, out string reason);
        if (mount is null)
        {
            findings.HugeMissing = reason;
            Workplace.Say($"  SKIPPED: no tmpfs with huge=always can be mounted (root can): {reason}");
            return;
        }

        long before = HugePageMount.HugeBytes();
        string source = Path.Combine(mount.Path, "source");
        bench.Sources.InOrder(source, bytes);
        double share = (double)(HugePageMount.HugeBytes() - before) / bytes;
        findings.HugeShare = share;
        if (share < 0.9)
            Workplace.Say(
                $"  NOTE: only {share:P0} of the source is in huge pages; memory is too fragmented for more");
        findings.Add(Id, ContiguousSection.Compare(bench, source));
    }
}
