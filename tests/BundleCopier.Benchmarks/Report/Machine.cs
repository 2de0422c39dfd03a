using System.Globalization;
using System.Text.RegularExpressions;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Report;

/// <summary>The machine of the measurements, for the reports.</summary>
/// <param name="Facts">Names and values.</param>
public sealed partial record Machine(IReadOnlyList<(string Name, string Value)> Facts)
{
    private const string HugePages = "/sys/kernel/mm/transparent_hugepage";

    /// <summary>Collects the facts.</summary>
    /// <param name="place">The directories and programs of the benchmark.</param>
    /// <param name="others">The other programs whose versions matter.</param>
    public static Machine Look(Workplace place, params IReadOnlyList<string> others)
    {
        return Look(
            ("disk", Disk(place.Disk)),
            ("huge pages", $"tmpfs {Chosen($"{HugePages}/shmem_enabled")}, others {Chosen($"{HugePages}/enabled")}"),
            ("bundlecopy", Meter.TryFirstLine(new Command(place.BundleCopy, "--version"))),
            ("others", string.Join(", ", others.Select(p => $"{p} {Version(p)}"))));
    }

    /// <summary>Collects the facts without disk and other programs. Unknown values are left out.</summary>
    /// <param name="more">Further facts.</param>
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

    /// <summary>All facts as a table.</summary>
    public MarkdownTable Table()
    {
        MarkdownTable table = new(2, "where", "what");
        foreach ((string name, string value) in Facts)
            table.Add(name, value);
        return table;
    }

    /// <summary>The facts that a reader needs beside a figure, one on a line.</summary>
    public string InBrief() => string.Join(
        ";\n", Facts.Where(f => f.Name is "date" or "processor" or "disk" or "kernel").Select(f => f.Value));

    // Programs print their versions in different ways, but always as numbers with dots.
    private static string Version(string program) =>
        VersionNumber().Match(Meter.TryFirstLine(new Command(program, "--version")) ?? "") is { Success: true } match
            ? match.Value
            : "of unknown version";

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex VersionNumber();

    private static string? Memory() =>
        After("/proc/meminfo", "MemTotal") is { } total && long.TryParse(total.Split(' ')[0], out long kib)
            ? $"{kib / 1048576.0:0.0} GiB"
            : null;

    // The size of a request decides whether scattered pages cost speed.
    private static string? Disk(string directory)
    {
        string? mount = Meter.TryFirstLine(new Command("findmnt", "-no", "MAJ:MIN,FSTYPE,SOURCE", "-T", directory));
        if (mount?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            is not [string number, string type, string source])
            return null;
        string device = $"/sys/dev/block/{number}";
        string queue = Directory.Exists($"{device}/queue") ? $"{device}/queue" : $"{device}/../queue";
        string text = $"{type} on {source}";
        if (Read($"{queue}/max_segments") is { } pieces)
        {
            string kib = Read($"{queue}/max_sectors_kb") ?? "";
            text += $", {pieces} pieces and {kib} KiB a request, scheduler {Chosen($"{queue}/scheduler")}";
        }

        return text;
    }

    // "none [mq-deadline] kyber": the kernel marks the active one.
    private static string Chosen(string path) =>
        Read(path)?.Split(' ').FirstOrDefault(w => w.StartsWith('['))?.Trim('[', ']') ?? "unknown";

    private static string? After(string path, string name) =>
        File.ReadLines(path)
            .FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?
            .Split(':', 2)[1]
            .Trim();

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;
}
