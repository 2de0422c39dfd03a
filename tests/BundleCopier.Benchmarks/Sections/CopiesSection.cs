using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>Every way copies one dense heap-like file.</summary>
public sealed class CopiesSection : ISection
{
    public const string Name = "copies";
    private const long TrialBytes = 64 << 20;

    public string Id => Name;

    public void Run(Bench bench, Findings findings)
    {
        BundleCopyWays ours = bench.BundleCopy;
        List<Way> ways =
        [
            ours.Default, ours.Full, ours.Slab, ours.Map, ours.BareSlab, ours.BareMap, ours.BareAuto, ours.Lz4,
            new OtherWays(bench.Place).Recipe, OtherWays.DirectDd,
            OtherWays.CopyAndSync, OtherWays.RsyncAndSync, OtherWays.Lz4AndDd,
        ];
        Fio fio = new(bench.Place, bench.Rounds);

        // Run each way once on a small file: what cannot work fails now, and each program is in memory afterwards.
        string trial = bench.InMemory("trial");
        bench.Sources.HeapLike(trial, TrialBytes);
        foreach (Way way in ways)
            bench.Rounds.RunOnce(way, trial, TrialBytes);
        File.Delete(trial);

        Workplace.Say("  looking for fio's best shape");
        FioShape shape = fio.FindBest(bench.Options.SizeBytes);
        Workplace.Say($"  {shape}");
        findings.FioShape = shape;
        ways.Add(fio.With(shape));

        string source = bench.InMemory("heap");
        bench.Sources.HeapLike(source, bench.Options.SizeBytes);
        findings.Add(Id, bench.Rounds.Run(ways, source, bench.Options.SizeBytes, bench.Options.Rounds));
        File.Delete(source);
    }
}
