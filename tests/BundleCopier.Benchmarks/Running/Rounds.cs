using System.Globalization;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Running;

/// <summary>
/// Runs ways of copying against each other. They take turns within each round, because a machine's mood changes over minutes,
/// and each round begins with another one, because the disk remembers who came before.
/// </summary>
public sealed class Rounds(Workplace place, Meter meter)
{
    // An ext4 that discards goes on doing so for a moment after the sync that freed the blocks.
    private const int SettleMs = 500;

    // Hidden ones too: a bundle that is being made has a dot before its name.
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <summary>All ways, in their order, with a measurement for each round.</summary>
    /// <param name="ways">What is compared.</param>
    /// <param name="source">What is copied: a file, or a directory of files.</param>
    /// <param name="bytes">How much data that is.</param>
    /// <param name="rounds">How often.</param>
    public IReadOnlyList<Series> Run(IReadOnlyList<Way> ways, string source, long bytes, int rounds)
    {
        IReadOnlyList<IReadOnlyList<Measurement>> runs = Interleave(ways, rounds, way => RunOnce(way, source, bytes));
        return [.. ways.Select((way, i) => new Series(way.Id, way.Title, way.IsOurs, bytes, runs[i]))];
    }

    /// <summary>What each way gave in each round.</summary>
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

    /// <summary>One copy into an empty directory on a disk at rest. Nothing of it is left when this returns.</summary>
    public Measurement RunOnce(Way way, string source, long bytes) => RunOnce(way, source, bytes, meter.Run);

    /// <summary>The same, with the command run by somebody who looks at more.</summary>
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
            return measured with { CachedBytes = long.Parse(Meter.Text(new Command(place.Cached, target)), CultureInfo.InvariantCulture) };
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    // A copy that failed without saying so would be the fastest of all. Random bytes do not shrink when they are compressed.
    private static void CheckSize(Way way, string target, long bytes)
    {
        long written = new DirectoryInfo(target).EnumerateFiles("*", Everything).Sum(f => f.Length);
        if (written < bytes)
            throw new MeasurementException($"'{way.Title}' wrote {written} bytes of {bytes}");
    }
}
