using System.Globalization;
using System.Text;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;

namespace BundleCopier.Benchmarks.Report;

/// <summary>Writes docs/benchmarks/throughput.md and its plot.</summary>
public sealed class ThroughputReport(Findings findings, BenchmarkOptions options, Machine machine)
{
    private const string Plot = "throughput.svg";

    private string Size =>
        string.Create(CultureInfo.InvariantCulture, $"{options.SizeBytes / (double)(1 << 30):0.##} GiB");

    private string Rounds => options.Rounds == 1 ? "one round" : $"{options.Rounds} interleaved rounds";

    /// <summary>Writes all files that the options name.</summary>
    public void Write()
    {
        string report = Report();
        if (options.Output is "")
        {
            Console.Write(report);
            return;
        }

        Directory.CreateDirectory(options.Output);
        File.WriteAllText(Path.Combine(options.Output, "throughput.md"), report);
        File.WriteAllText(Path.Combine(options.Output, Plot), Draw());
    }

    private string? HugeShare => findings.HugeShare?.ToString("P0", CultureInfo.InvariantCulture);

    private string Report()
    {
        StringBuilder text = new();
        text.Append("# Throughput\n\n");
        text.Append(
            $"Written by `{options.CommandLine}`.\nRatios carry from machine to machine better than figures do.\n\n");
        text.Append(machine.Table());

        Section(text, CopiesSection.Name, $"{Size} of heap-like memory", HowCopies(), Table);
        if (options.Output is not "")
            text.Append($"\n![MiB a second of each way of copying]({Plot})\n");
        Section(text, ContiguousSection.Name, $"{Size}, written in order",
            "Neighbours in the file may then be neighbours in memory, as far as free memory is in one piece.", Table);
        Section(text, HugePagesSection.Name, $"{Size} in huge pages",
            $"A tmpfs mounted with huge=always; {HugeShare} of the source is in huge pages.", Table);
        if (findings.HugeMissing is { } reason)
            text.Append($"\n## In huge pages\n\nNot measured: {reason}\n");
        Section(text, SmallFilesSection.Name, "100,000 files of 4 KiB", "One directory.", Table);
        Section(text, SparseSection.Name, "1 TiB with 64 MiB of data", "64 pieces of 1 MiB, spread evenly.", Table);
        AppendStart(text);
        AppendTargets(text);
        return text.ToString();
    }

    private string HowCopies() => $"""
        {Size}, dense and incompressible, in /dev/shm; pages first touched in random order; {Rounds}.
        Whole processes, from start to end, durable on disk at the end. The ways take turns, each writes a new file on
        a disk at rest, and only the destination is cold. CPU is user and system time of the process and its children;
        peak RSS is that of the largest of them; page cache is the part of the output that is still cached when the
        process has ended.

        - `bundlecopy` has its defaults: checksums, search for zeros, `reader.mode = auto`. `bare` has neither
          checksums nor a search for zeros. `lz4` is told to compress, and finds that nothing shrinks.
        - The recipe is the usual advice in 20 lines of C: map the source, write 4 MiB at a time with O_DIRECT,
          fdatasync.
        - `dd` is `bs=4M oflag=direct conv=fdatasync`; `rsync` has `--whole-file --inplace`; `cp` and `rsync` are
          followed by `sync`.
        - fio reads nothing: it shows the speed of the disk. {findings.FioShape} was the best of
          12 shapes. Its buffers are in huge pages. Its time is the one that it reports, without its start.
        """;

    private void Section(
        StringBuilder text, string section, string title, string how, Func<IReadOnlyList<Series>, MarkdownTable> table)
    {
        IReadOnlyList<Series> series = findings.Of(section);
        if (series.Count > 0)
            text.Append($"\n## {title}\n\n{how}\n\n{table(series)}");
    }

    private static MarkdownTable Table(IReadOnlyList<Series> all)
    {
        MarkdownTable table = new(
            1, "copy", "s, median", "min", "max", "MiB/s", "CPU s a GiB", "peak RSS, MiB", "page cache left, MiB");
        foreach (Series series in all)
        {
            table.Add(
                series.Title,
                F(series.Seconds.Median, "0.00"),
                F(series.Seconds.Min, "0.00"),
                F(series.Seconds.Max, "0.00"),
                F(series.MiBPerSecond.Median, "0"),
                F(series.CpuSecondsPerGiB.Median, "0.00"),
                F(series.PeakRssMiB.Max, "0"),
                F(series.CachedMiB.Max, "0"));
        }

        return table;
    }

    private void AppendStart(StringBuilder text)
    {
        if (findings.VersionMs is not { } version || findings.FirstWriteMs is not { } firstWrite)
            return;
        MarkdownTable table = new(1, "ms", "median", "min", "max");
        table.Add(
            "`bundlecopy --version`, from fork to end",
            F(version.Median, "0.0"),
            F(version.Min, "0.0"),
            F(version.Max, "0.0"));
        table.Add(
            "copying, from fork to the first 256 KiB on their way to the disk",
            F(firstWrite.Median, "0.0"),
            F(firstWrite.Min, "0.0"),
            F(firstWrite.Max, "0.0"));
        text.Append($"\n## Starting\n\n{StartSection.Runs} runs each; ");
        text.Append($"the second looks at the kernel's count every 0.2 ms.\n\n{table}");
    }

    private void AppendTargets(StringBuilder text)
    {
        MarkdownTable table = new(2, "what", "wanted", "measured");
        foreach (Target target in new Targets(findings).All().Where(t => t.Measured is not null))
            table.Add(target.What, target.Wanted, target.Measured!);
        text.Append($"\n## Wanted and measured\n\nRatios are of medians.\n\n{table}");
    }

    private string Draw() => new BarPlot(
        "MiB a second, durable on disk",
        $"{Size} from /dev/shm, pages touched in random order; median of {Rounds}, line from least to most",
        [new BarGroup("", [.. Fastest().Select(s => new Bar(s.Title, s.MiBPerSecond, s.IsOurs))])]).ToSvg();

    private IEnumerable<Series> Fastest() =>
        findings.Of(CopiesSection.Name).OrderByDescending(s => s.MiBPerSecond.Median);

    private static string F(double figure, string format) => figure.ToString(format, CultureInfo.InvariantCulture);
}
