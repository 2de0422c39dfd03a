using System.Globalization;
using BundleCopier.Benchmarks.Report;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>What neighbours feel while something is copied and memory is short.</summary>
public sealed class BystanderBenchmark(BenchmarkOptions options)
{
    /// <summary>What bundlecopy can be told to be, from the most considerate on.</summary>
    public static readonly IReadOnlyList<string> Profiles = ["gentle", "balanced", "full"];

    private const long TrialBytes = 64 << 20;

    private readonly Bench bench = new(options);
    private double recipeSeconds;

    public void Run()
    {
        Machine machine = Machine.Look(options.Place, "cp", "dd", "gcc");
        FillPlan plan = new(options.KeepFreeBytes, options.FloorBytes);
        DropCaches();
        if (plan.Obstacle(MemoryState.Now().Available, options.SizeBytes, new DriveInfo(options.Place.Memory).AvailableFreeSpace) is { } obstacle)
            throw new MeasurementException(obstacle);
        using Filling filling = new(plan, options.Place.Memory);

        IReadOnlyList<Way> ways = TryAll();
        Workplace.Say("making the source");
        string source = bench.InMemory("heap");
        bench.Sources.HeapLike(source, options.SizeBytes);
        filling.Adjust();
        long filled = filling.Bytes;
        Workplace.Say($"filled {filled >> 20} MiB; {MemoryState.Now().Available >> 20} MiB are available");

        // These do not count, but for how long nothing takes: for a while after it was filled the kernel still tidies memory up, and
        // whoever came first would be charged with that.
        Observer observer = new(options.Place, bench.Meter, bench.Rounds, filling, plan);
        Way recipe = new OtherWays(options.Place).Recipe;
        recipeSeconds = observer.Run(recipe, source, options.SizeBytes).Seconds;
        observer.Run(OtherWays.Nothing(() => recipeSeconds), source, options.SizeBytes);
        IReadOnlyList<IReadOnlyList<BystanderRun>> runs = Rounds.Interleave(ways, options.Rounds, way =>
        {
            BystanderRun run = observer.Run(way, source, options.SizeBytes);
            if (way.Id == recipe.Id)
                recipeSeconds = run.Seconds;
            Workplace.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {way.Title}: {run.Seconds:0.0} s; write p99 {run.P99Ms(NeighbourKind.Write):0.0} ms, fork p99 {run.P99Ms(NeighbourKind.Fork):0.0} ms"));
            return run;
        });
        new BystanderReport([.. ways.Select((way, i) => new BystanderSeries(way, options.SizeBytes, runs[i]))], options, machine, filled).Write();
    }

    // What is clean can go, and is then free for all that follow alike; only root may make it go.
    private static void DropCaches()
    {
        Meter.Text(new Command("sync"));
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
            Workplace.Say("wrote back what was dirty, and dropped the page cache");
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            Workplace.Say("wrote back what was dirty; the page cache, which only root can drop, counts as free");
        }
    }

    // Each way once on a little: whatever cannot work here says so now, and every program is in memory when it counts.
    private IReadOnlyList<Way> TryAll()
    {
        string trial = bench.InMemory("trial");
        bench.Sources.HeapLike(trial, TrialBytes);
        IReadOnlyList<Way> ways = Select(way => BundleCopyWays.IsKnown(way, new CopyJob(trial, options.Place.Disk, TrialBytes)));
        foreach (Way way in ways)
            bench.Rounds.RunOnce(way, trial, TrialBytes);
        using (Neighbours neighbours = new(options.Place))
        {
            Thread.Sleep(Observer.AloneMs);
            neighbours.End();
        }

        File.Delete(trial);
        return ways;
    }

    // The defaults are one of the profiles, where the program has profiles.
    private IReadOnlyList<Way> Select(Func<Way, bool> isKnown)
    {
        BundleCopyWays ours = bench.BundleCopy;
        List<Way> others = [OtherWays.Nothing(() => recipeSeconds), OtherWays.Copy, OtherWays.DirectDd, new OtherWays(options.Place).Recipe];
        List<Way> profiles = [.. Profiles.Select(ours.Profile)];
        if (options.Only is not "")
        {
            List<Way> all = [.. others, .. profiles, ours.Default];
            List<Way> chosen = [.. options.Only.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().Select(id => all.Single(w => w.Id == id))];
            if (chosen.Find(w => profiles.Contains(w) && !isKnown(w)) is { } unknown)
                throw new MeasurementException($"this program does not know the profile '{unknown.Id}'");
            return chosen;
        }

        if (profiles.TrueForAll(p => isKnown(p)))
            return [.. others, .. profiles];
        Workplace.Say("this program has no profiles; its defaults speak for it");
        return [.. others, ours.Default];
    }
}
