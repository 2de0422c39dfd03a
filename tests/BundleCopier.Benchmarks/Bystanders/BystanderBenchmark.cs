using System.Globalization;
using BundleCopier.Benchmarks.Report;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>What other programs feel during a copy while memory is short.</summary>
public sealed class BystanderBenchmark(BenchmarkOptions options)
{
    /// <summary>The profiles of bundlecopy, the gentlest first.</summary>
    public static readonly IReadOnlyList<string> Profiles = ["gentle", "balanced", "full"];

    private const long TrialBytes = 64 << 20;

    private readonly Bench bench = new(options);
    private double recipeSeconds;

    public void Run()
    {
        Machine machine = Machine.Look(options.Place, "cp", "dd", "gcc");
        FillPlan plan = new(options.KeepFreeBytes, options.FloorBytes);
        DropCaches();
        long roomBytes = new DriveInfo(options.Place.Memory).AvailableFreeSpace;
        if (plan.Obstacle(MemoryState.Now().Available, options.SizeBytes, roomBytes) is { } obstacle)
            throw new MeasurementException(obstacle);
        using Filling filling = new(plan, options.Place.Memory);

        IReadOnlyList<Way> ways = TryAll();
        Workplace.Say("making the source");
        string source = bench.InMemory("heap");
        bench.Sources.HeapLike(source, options.SizeBytes);
        filling.Adjust();
        long filled = filling.Bytes;
        Workplace.Say($"filled {filled >> 20} MiB; {MemoryState.Now().Available >> 20} MiB are available");

        // These two runs do not count, except for the duration of the recipe: for a while after filling, the kernel is
        // still busy with the memory, and the first way would pay for that.
        Observer observer = new(options.Place, bench.Meter, bench.Rounds, filling, plan);
        Way recipe = new OtherWays(options.Place).Recipe;
        recipeSeconds = observer.Run(recipe, source, options.SizeBytes).Seconds;
        observer.Run(OtherWays.Nothing(() => recipeSeconds), source, options.SizeBytes);
        IReadOnlyList<IReadOnlyList<BystanderRun>> runs = Rounds.Interleave(ways, options.Rounds, way =>
        {
            BystanderRun run = observer.Run(way, source, options.SizeBytes);
            if (way.Id == recipe.Id)
                recipeSeconds = run.Seconds;
            double writeMs = run.P99Ms(NeighbourKind.Write), forkMs = run.P99Ms(NeighbourKind.Fork);
            Workplace.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {way.Title}: {run.Seconds:0.0} s; write p99 {writeMs:0.0} ms, fork p99 {forkMs:0.0} ms"));
            return run;
        });
        BystanderSeries[] all = [.. ways.Select((way, i) => new BystanderSeries(way, options.SizeBytes, runs[i]))];
        new BystanderReport(all, options, machine, filled).Write();
    }

    // Drop the clean page cache, so that all ways start with the same free memory. Only root may drop it.
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

    // Run each way once on a small file: what cannot work fails now, and each program is in memory afterwards.
    private IReadOnlyList<Way> TryAll()
    {
        string trial = bench.InMemory("trial");
        bench.Sources.HeapLike(trial, TrialBytes);
        IReadOnlyList<Way> ways = Select(
            way => BundleCopyWays.IsKnown(way, new CopyJob(trial, options.Place.Disk, TrialBytes)));
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

    // If the program has profiles, its defaults are one of them.
    private IReadOnlyList<Way> Select(Func<Way, bool> isKnown)
    {
        BundleCopyWays ours = bench.BundleCopy;
        Way nothing = OtherWays.Nothing(() => recipeSeconds);
        List<Way> others = [nothing, OtherWays.Copy, OtherWays.DirectDd, new OtherWays(options.Place).Recipe];
        List<Way> profiles = [.. Profiles.Select(ours.Profile)];
        if (options.Only is not "")
        {
            List<Way> all = [.. others, .. profiles, ours.Default];
            string[] ids = options.Only.Split(',', StringSplitOptions.RemoveEmptyEntries);
            List<Way> chosen = [.. ids.Distinct().Select(id => all.Single(w => w.Id == id))];
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
