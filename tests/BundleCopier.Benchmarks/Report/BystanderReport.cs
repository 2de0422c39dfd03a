using System.Globalization;
using System.Text;
using BundleCopier.Benchmarks.Bystanders;
using BundleCopier.Benchmarks.Sections;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Report;

/// <summary>Writes docs/benchmarks/bystanders.md, its plots, and the picture and table in the README.</summary>
public sealed class BystanderReport(
    IReadOnlyList<BystanderSeries> all, BenchmarkOptions options, Machine machine, long filledBytes)
{
    private const string StoryPlot = "bystanders.svg";
    private const string BarsPlot = "bystanders-p99.svg";
    private const string StoryTitle = "How long a neighbour waits for a 4 KiB write while 1 GiB of memory is left";
    private const double GiB = 1 << 30;

    // The ways in the picture and the table of the README, with and without profiles.
    private static readonly string[] Story = ["cp", "recipe", "balanced", "gentle", BystanderTargets.Idle];
    private static readonly string[] StoryWithoutProfiles =
        ["cp", "dd", "recipe", BundleCopyWays.DefaultId, BystanderTargets.Idle];

    private string Size => string.Create(CultureInfo.InvariantCulture, $"{options.SizeBytes / GiB:0.##} GiB");

    private string Rounds => options.Rounds == 1 ? "one round" : $"{options.Rounds} interleaved rounds";

    private BystanderSeries? Idle => Find(BystanderTargets.Idle);

    private BystanderSeries? Fastest => Find("full") ?? Find(BundleCopyWays.DefaultId);

    private IEnumerable<BystanderSeries> InStory =>
        (Find("balanced") is null ? StoryWithoutProfiles : Story).Select(Find).OfType<BystanderSeries>();

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
        File.WriteAllText(Path.Combine(options.Output, "bystanders.md"), report);
        File.WriteAllText(Path.Combine(options.Output, StoryPlot), DrawStory());
        File.WriteAllText(Path.Combine(options.Output, BarsPlot), DrawBars());
        if (options.Readme is not "")
        {
            string readme = MarkedPart.Bystanders.Replace(File.ReadAllText(options.Readme), ReadmePart());
            File.WriteAllText(options.Readme, readme);
        }
    }

    private string Report()
    {
        StringBuilder text = new();
        text.Append("# What bystanders feel\n\n");
        text.Append(
            $"Written by `{options.CommandLine}`.\nRatios carry from machine to machine better than figures do.\n\n");
        if (options.Output is not "")
            text.Append($"![{StoryTitle}]({StoryPlot})\n\n");
        text.Append(machine.Table());
        text.Append($"\n## How\n\n{How()}\n");
        text.Append("\n## Neighbours' p99, ms\n\n");
        text.Append("Median of each round's p99, and the median of its ratio to `nothing` in the same round.\n\n");
        text.Append(Felt());
        if (options.Output is not "")
            text.Append($"\n![p99 of the neighbours' writes and forks]({BarsPlot})\n");
        text.Append($"\n## The machine\n\n{HowMemory()}\n\n{Memory()}");
        foreach (NeighbourKind kind in NeighbourKind.All)
            text.Append($"\n## {Capital(kind.Title)}: ms, all rounds together\n\n{Distribution(kind)}");
        AppendTargets(text);
        return text.ToString();
    }

    private string How() => $"""
        {Size}, dense and incompressible, in /dev/shm; pages first touched in random order; {Rounds}.
        Beside it, {filledBytes >> 20} MiB of tmpfs leave about {options.KeepFreeBytes >> 20} MiB of memory
        available (MemAvailable), which is set right before each copy. The ways take turns, each round begins with
        another one, and each writes a new file on a disk at rest. Beside each copy, from a second before it to a
        second after it, three neighbours each do one thing every {Neighbours.IntervalMs} ms: append 4 KiB to a file
        on the same disk and wait for fdatasync; fork, exec /bin/true and wait for it; map 8 MiB, touch each page of
        it, and unmap it. Latency is from the first system call to the end of the last. A run that would begin while
        the one before still goes on is left out; this flatters the way that delays neighbours most. The neighbours'
        own memory is locked. Memory is looked at every 50 ms.

        - `nothing` waits as long as the recipe took last.
        - `cp` is only `cp`: its output is not durable at its end. The output of all others is.
        - `dd` is `bs=4M oflag=direct conv=fdatasync`. The recipe in C maps the source and writes 4 MiB at a time
          with O_DIRECT, then fdatasync.
        - `bundlecopy` computes checksums and searches for zeros.
        """;

    private string HowMemory() => $"""
        Share is the speed relative to {Fastest?.Way.Title ?? "the fastest"} in the same round. The others are the
        worst of all rounds: how far the page cache rose above its size before the copy (without tmpfs), the largest
        amount to write back, and the smallest amount of free memory.
        """;

    private MarkdownTable Felt()
    {
        MarkdownTable table = new(
            1, "copying with", "write", "to nothing", "fork", "to nothing", "touch", "to nothing");
        foreach (BystanderSeries series in all)
        {
            IEnumerable<string> cells = NeighbourKind.All.SelectMany(kind =>
                new[] { F(series.P99Ms(kind).Median, "0.0"), ToIdle(series, kind) });
            table.Add([series.Way.Title, .. cells]);
        }

        return table;
    }

    private MarkdownTable Memory()
    {
        MarkdownTable table = new(
            1,
            "copying with",
            "s, median",
            "min",
            "max",
            "MiB/s",
            "share",
            "page cache grew, MiB",
            "Dirty + Writeback, MiB",
            "least MemFree, MiB");
        foreach (BystanderSeries series in all)
        {
            bool copies = !series.Way.IsIdle;
            table.Add(
                series.Way.Title,
                F(series.Seconds.Median, "0.00"),
                F(series.Seconds.Min, "0.00"),
                F(series.Seconds.Max, "0.00"),
                copies ? F(series.MiBPerSecond, "0") : "",
                copies && Fastest is { } fastest ? F(series.SpeedRatio(fastest), "0.00") : "",
                F(series.PageCacheGrowthMiB, "0"),
                F(series.MaxDirtyMiB, "0"),
                F(series.MinFreeMiB, "0"));
        }

        return table;
    }

    private MarkdownTable Distribution(NeighbourKind kind)
    {
        MarkdownTable table = new(1, "copying with", "times", "p50", "p99", "p99.9", "max");
        foreach (BystanderSeries series in all)
        {
            Latencies latencies = series.All(kind);
            table.Add(
                series.Way.Title,
                F(latencies.Count, "0"),
                F(latencies.PercentileMs(0.5), "0.00"),
                F(latencies.PercentileMs(0.99), "0.00"),
                F(latencies.PercentileMs(0.999), "0.00"),
                F(latencies.MaxMs, "0.00"));
        }

        return table;
    }

    private void AppendTargets(StringBuilder text)
    {
        List<Target> measured = [.. new BystanderTargets(Find).All().Where(t => t.Measured is not null)];
        if (measured.Count == 0)
            return;
        MarkdownTable table = new(2, "what", "wanted", "measured");
        foreach (Target target in measured)
            table.Add(target.What, target.Wanted, target.Measured!);
        text.Append($"\n## Wanted and measured\n\nMedians of each round's ratio.\n\n{table}");
    }

    private string DrawStory() => new LatencyPlot(
        StoryTitle,
        $"{Size} copied from /dev/shm; a neighbour appends and waits for fdatasync every {Neighbours.IntervalMs} ms"
            + (options.Rounds == 1 ? "" : $"; of {options.Rounds} rounds, the one with the p99 in the middle"),
        [.. InStory.Select(Panel)]).ToSvg();

    private static LatencyPanel Panel(BystanderSeries series)
    {
        BystanderRun run = series.Typical(NeighbourKind.Write);
        string look = series.Way.IsIdle ? "idle" : series.Way.IsOurs ? "ours" : "other";
        return new LatencyPanel(series.Way.Title, look, run.Seconds, run.StartUs, run.Moments[NeighbourKind.Write],
            run.P99Ms(NeighbourKind.Write), new Latencies(run.During(NeighbourKind.Write)).MaxMs);
    }

    private string DrawBars() => new BarPlot(
        $"p99 of what neighbours do every {Neighbours.IntervalMs} ms, in ms",
        $"{Size} copied from /dev/shm with 1 GiB of memory left; median of {Rounds}, line from least to most",
        [Bars(NeighbourKind.Write), Bars(NeighbourKind.Fork)]).ToSvg();

    private BarGroup Bars(NeighbourKind kind) =>
        new(Capital(kind.Title), [.. all.Select(s => new Bar(s.Way.Title, s.P99Ms(kind), s.Way.IsOurs))])
        {
            Format = "0.0",
            Limits = Idle is { } idle
                ? [.. BystanderTargets.Limits.Select(l => new BarLimit(l.Profile, l.Max * idle.P99Ms(kind).Median))]
                : [],
        };

    private string ReadmePart()
    {
        MarkdownTable table = new(
            1, "copying with", "write p99, ms", "longest write, ms", "fork p99, ms", "page cache grew, MiB", "MiB/s");
        foreach (BystanderSeries series in InStory)
        {
            table.Add(
                series.Way.Title,
                F(series.P99Ms(NeighbourKind.Write).Median, "0.0"),
                F(series.All(NeighbourKind.Write).MaxMs, "0"),
                F(series.P99Ms(NeighbourKind.Fork).Median, "0.0"),
                F(series.PageCacheGrowthMiB, "0"),
                series.Way.IsIdle ? "" : F(series.MiBPerSecond, "0"));
        }

        return $"""
            ![{StoryTitle}](docs/benchmarks/{StoryPlot})

            {table}
            {Size} of heap-like memory, {Rounds};
            {machine.InBrief()}.
            Written by `{options.CommandLine}`; [all of it, and how](docs/benchmarks/bystanders.md).
            """;
    }

    private BystanderSeries? Find(string id) => all.FirstOrDefault(s => s.Way.Id == id);

    private string ToIdle(BystanderSeries series, NeighbourKind kind) =>
        Idle is { } idle ? F(series.P99Ratio(kind, idle), "0.00") : "";

    private static string Capital(string title) => char.ToUpperInvariant(title[0]) + title[1..];

    private static string F(double figure, string format) => figure.ToString(format, CultureInfo.InvariantCulture);
}
