using System.Globalization;
using System.Text.RegularExpressions;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Report;

/// <summary>Where the measurements were made, for who reads them elsewhere.</summary>
/// <param name="Facts">Names and what they are.</param>
public sealed partial record Machine(IReadOnlyList<(string Name, string Value)> Facts)
{
    /// <summary>Looks.</summary>
    /// <param name="place">Where the disk is, and bundlecopy.</param>
    /// <param name="others">The other programs whose versions matter.</param>
    public static Machine Look(Workplace place, params IReadOnlyList<string> others)
    {
        return Look(
            ("disk", Disk(place.Disk)),
            ("huge pages", $"tmpfs {Chosen("/sys/kernel/mm/transparent_hugepage/shmem_enabled")}, others {Chosen("/sys/kernel/mm/transparent_hugepage/enabled")}"),
            ("bundlecopy", Meter.TryFirstLine(new Command(place.BundleCopy, "--version"))),
            ("others", string.Join(", ", others.Select(p => $"{p} {Version(p)}"))));
    }

    /// <summary>Looks, where neither disk nor other programs matter. What is not known is left out.</summary>
    /// <param name="more">What else is to be said.</param>
    public static Machine Look(params ReadOnlySpan<(string Name, string? Value)> more)
    {
        List<(string Name, string? Value)> facts =
        [
            ("date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("processor", $"{Environment.ProcessorCount} x {After("/proc/cpuinfo", "model name")}"),
            ("memory", Memory()),
            ("kernel", Meter.TryFirstLine(new Command("uname", "-srm"))),
            .. more,
        ];
        return new Machine([.. facts.Where(f => !string.IsNullOrEmpty(f.Value)).Select(f => (f.Name, f.Value!))]);
    }

    /// <summary>All that is known.</summary>
    public MarkdownTable Table()
    {
        MarkdownTable table = new(2, "where", "what");
        foreach ((string name, string value) in Facts)
            table.Add(name, value);
        return table;
    }

    /// <summary>The facts that a reader needs beside a figure, one on a line.</summary>
    public string InBrief() => string.Join(";\n", Facts.Where(f => f.Name is "date" or "processor" or "disk" or "kernel").Select(f => f.Value));

    // Everybody says it in another way, but always with dots between numbers.
    private static string Version(string program) =>
        VersionNumber().Match(Meter.TryFirstLine(new Command(program, "--version")) ?? "") is { Success: true } match ? match.Value : "of unknown version";

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex VersionNumber();

    private static string? Memory() =>
        After("/proc/meminfo", "MemTotal") is { } total && long.TryParse(total.Split(' ')[0], out long kib) ? $"{kib / 1048576.0:0.0} GiB" : null;

    // How much fits into one request decides whether scattered pages cost anything.
    private static string? Disk(string directory)
    {
        if (Meter.TryFirstLine(new Command("findmnt", "-no", "MAJ:MIN,FSTYPE,SOURCE", "-T", directory))?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            is not [string number, string type, string source])
            return null;
        string device = $"/sys/dev/block/{number}";
        string queue = Directory.Exists($"{device}/queue") ? $"{device}/queue" : $"{device}/../queue";
        string text = $"{type} on {source}";
        if (Read($"{queue}/max_segments") is { } pieces)
            text += $", {pieces} pieces and {Read($"{queue}/max_sectors_kb")} KiB a request, scheduler {Chosen($"{queue}/scheduler")}";
        return text;
    }

    // "none [mq-deadline] kyber": the kernel marks what is chosen.
    private static string Chosen(string path) => Read(path)?.Split(' ').FirstOrDefault(w => w.StartsWith('['))?.Trim('[', ']') ?? "unknown";

    private static string? After(string path, string name) =>
        File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;
}
