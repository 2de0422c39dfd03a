using System.Globalization;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Report;

/// <summary>A target of bundlecopy and the measured value.</summary>
/// <param name="What">A figure, or a ratio of two medians.</param>
/// <param name="Wanted">The target.</param>
/// <param name="Measured">The measured value; null if not measured.</param>
public sealed record Target(string What, string Wanted, string? Measured);

/// <summary>All targets of the benchmark.</summary>
public sealed class Targets(Findings findings)
{
    private const int DefaultBudgetMiB = 32;
    private const int OverheadMiB = 40;
    private const string Copies = CopiesSection.Name;
    private const string Ours = BundleCopyWays.DefaultId;
    private const string Full = BundleCopyWays.FullId;

    public IEnumerable<Target> All() =>
    [
        Faster("throughput at full, to fio without a source", Full, Copies, Fio.Id, "at least 0.95"),
        Faster("throughput at full, to the recipe in C", Full, Copies, "recipe", "at least 1.6"),
        Faster("throughput at full, to dd, direct", Full, Copies, "dd", "at least 1.8"),
        Faster("throughput at full, to cp, sync", Full, Copies, "cp", "at least 3"),
        Cpu("CPU a GiB, slab without checksums, to dd, direct", "bare-slab", "dd", "at most 1.1"),
        Cpu("CPU a GiB at full, to dd, direct", Full, "dd", "at most 1.5"),
        Cpu("CPU a GiB, map without checksums, to the recipe in C", "bare-map", "recipe", "at most 1.2"),
        Choice("time of auto without checksums, to the better of slab and map: scattered pages", Copies),
        Choice("the same: written in order", ContiguousSection.Name),
        Choice("the same: huge pages", HugePagesSection.Name),
        Faster(
            "100,000 files of 4 KiB: speed, to cp -r, sync -f", Ours, SmallFilesSection.Name, "cp-r", "at least 1.3"),
        PeakRss("100,000 files of 4 KiB: peak RSS", SmallFilesSection.Name),
        new("1 TiB with 64 MiB of data", "under 1 s", Find(SparseSection.Name, Ours, s => $"{F(s.Seconds.Median)} s")),
        new("`--version`", "at most 15 ms", Ms(findings.VersionMs)),
        new("first write after the start", "at most 40 ms", Ms(findings.FirstWriteMs)),
        PeakRss("one dense file: peak RSS", Copies),
    ];

    private Target Faster(string what, string way, string section, string other, string wanted) =>
        new(
            what,
            wanted,
            Ratio(findings.Find(section, way), findings.Find(section, other), s => 1 / s.Seconds.Median));

    private Target Cpu(string what, string way, string other, string wanted) =>
        new(
            what,
            wanted,
            Ratio(findings.Find(Copies, way), findings.Find(Copies, other), s => s.CpuSecondsPerGiB.Median));

    private Target Choice(string what, string section)
    {
        Series? better = new[] { findings.Find(section, "bare-slab"), findings.Find(section, "bare-map") }
            .OfType<Series>().MinBy(s => s.Seconds.Median);
        return new(what, "at most 1.05", Ratio(findings.Find(section, "bare-auto"), better, s => s.Seconds.Median));
    }

    private Target PeakRss(string what, string section) =>
        new(
            what,
            $"at most {DefaultBudgetMiB + OverheadMiB} MiB",
            Find(section, Ours, s => $"{s.PeakRssMiB.Max.ToString("0", CultureInfo.InvariantCulture)} MiB"));

    private string? Find(string section, string way, Func<Series, string> figure) =>
        findings.Find(section, way) is { } series ? figure(series) : null;

    private static string? Ratio(Series? a, Series? b, Func<Series, double> figure) =>
        a is null || b is null ? null : F(figure(a) / figure(b));

    private static string? Ms(Summary? summary) =>
        summary is null
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Median:0.0} ms ({summary.Min:0.0} to {summary.Max:0.0})");

    private static string F(double figure) => figure.ToString("0.00", CultureInfo.InvariantCulture);
}
