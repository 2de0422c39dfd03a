using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Ways;

/// <summary>The usual ways to copy a file, each durable at its end.</summary>
public sealed class OtherWays(Workplace place)
{
    public Way Recipe { get; } = new(
        "recipe", "the recipe in C", job => new Command(place.Recipe, job.Source, Output(job)));

    public static Way DirectDd { get; } = new("dd", "dd, direct", job => new Command(
        "dd", $"if={job.Source}", $"of={Output(job)}", "bs=4M", "oflag=direct", "conv=fdatasync", "status=none"));

    public static Way CopyAndSync { get; } = new(
        "cp", "cp, sync", job => Command.Shell("""cp "$1" "$2" && sync""", job.Source, Output(job)));

    /// <summary>Plain cp; its output is not durable.</summary>
    public static Way Copy { get; } = new("cp", "cp", job => new Command("cp", job.Source, Output(job)));

    public static Way RsyncAndSync { get; } = new("rsync", "rsync, sync", job => Command.Shell(
        """rsync --whole-file --inplace "$1" "$2" && sync""", job.Source, Output(job)));

    public static Way Lz4AndDd { get; } = new("lz4-dd", "lz4 -1 | dd, direct", job => Command.Shell(
        """lz4 -q -1 -c "$1" | dd of="$2" bs=4M iflag=fullblock oflag=direct conv=fdatasync status=none""",
        job.Source,
        Output(job)));

    /// <summary>For a directory of files.</summary>
    public static Way CopyTreeAndSync { get; } = new("cp-r", "cp -r, sync -f", job => Command.Shell(
        """cp -r "$1" "$2" && sync -f "$2" """, job.Source, Output(job)));

    /// <summary>No copy; only waits as long as a copy takes.</summary>
    public static Way Nothing(Func<double> seconds) =>
        new("nothing", "nothing", _ => new Command("sleep", seconds().ToString("0.###", CultureInfo.InvariantCulture)))
        {
            IsIdle = true,
        };

    private static string Output(CopyJob job) => Path.Combine(job.Target, "copy");
}
