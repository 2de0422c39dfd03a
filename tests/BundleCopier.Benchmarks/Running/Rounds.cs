using System.Globalization;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Running;

/// <summary>
/// Compares ways of copying. They take turns within each round, because a machine's speed changes over minutes. Each
/// round begins with another way, because a copy affects the disk for the next one.
/// </summary>
public sealed class Rounds(Workplace place, Meter meter)
{
    // An ext4 with discard sends discards for a moment after the sync that freed the blocks.
    private const int SettleMs = 500;

    // Also hidden files: the name of an unfinished bundle starts with a dot.
    private static readonly EnumerationOptions Everything =
        new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <summary>Runs all ways; returns them in their order, with a measurement for each round.</summary>
    /// <param name="ways">The ways to compare.</param>
    /// <param name="source">A file, or a directory of files.</param>
    /// <param name="bytes">The bytes of data in the source.</param>
    /// <param name="rounds">The number of rounds.</param>
    public IReadOnlyList<Series> Run(IReadOnlyList<Way> ways, string source, long bytes, int rounds)
    {
        IReadOnlyList<IReadOnlyList<Measurement>> runs = Interleave(ways, rounds, way => RunOnce(way, source, bytes));
        return [.. ways.Select((way, i) => new Series(way.Id, way.Title, way.IsOurs, bytes, runs[i]))];
    }

    /// <summary>Runs a measurement for each way in each round.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Interleave<T>(IReadOnlyList<Way> ways, int rounds, Func<Way, T> once)
    {
        List<T>[] runs = [.. ways.Select(_ => new List<T>())];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < ways.Count; turn++)
            {
                int which = (round + turn) % ways.Count;
                runs[which].Add(once(ways[which]));
            }

            Workplace.Say($"  round {round + 1} of {rounds}");
        }

        return runs;
    }

    /// <summary>Runs one copy into an empty directory on a disk at rest, and removes its output.</summary>
    public Measurement RunOnce(Way way, string source, long bytes) => RunOnce(way, source, bytes, meter.Run);

    /// <summary>The same, with a function that runs the command.</summary>
    public Measurement RunOnce(Way way, string source, long bytes, Func<Command, Measurement> run)
    {
        string target = Path.Combine(place.Disk, "output");
        Directory.CreateDirectory(target);
        try
        {
            Command command = way.Command(new CopyJob(source, target, bytes));
            Meter.Text(new Command("sync"));
            Thread.Sleep(SettleMs);
            Measurement measured = run(command);
            if (way.OwnSeconds is { } ownSeconds)
                measured = measured with { Seconds = ownSeconds() };
            if (!way.IsIdle)
                CheckSize(way, target, bytes);
            string cached = Meter.Text(new Command(place.Cached, target));
            return measured with { CachedBytes = long.Parse(cached, CultureInfo.InvariantCulture) };
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    // A copy that failed without a message would look fastest. The size is enough for compressed copies, too, because
    // random bytes do not shrink.
    private static void CheckSize(Way way, string target, long bytes)
    {
        long written = new DirectoryInfo(target).EnumerateFiles("*", Everything).Sum(f => f.Length);
        if (written < bytes)
            throw new MeasurementException($"'{way.Title}' wrote {written} bytes of {bytes}");
    }
}
