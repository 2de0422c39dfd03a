using System.Globalization;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>Measures the start of the program.</summary>
public sealed class StartSection : ISection
{
    public const string Name = "start";
    public const int Runs = 20;
    private const long SourceBytes = 64 << 20;

    public string Id => Name;

    public void Run(Bench bench, Findings findings)
    {
        Command version = new(bench.Place.BundleCopy, "--version");
        bench.Meter.Run(version);
        findings.VersionMs = Summary.Of(
            Enumerable.Range(0, Runs).Select(_ => bench.Meter.Run(version).Seconds * 1000).ToList());

        string source = bench.InMemory("start");
        bench.Sources.HeapLike(source, SourceBytes);
        string report = bench.InMemory("first-write");
        Way firstWrite = new(
            Name,
            Name,
            job => new Command([bench.Place.FirstWrite, report, .. bench.BundleCopy.Default.Command(job).Words]))
        {
            OwnSeconds = () => double.Parse(File.ReadAllText(report), CultureInfo.InvariantCulture),
        };
        bench.Rounds.RunOnce(firstWrite, source, SourceBytes);
        findings.FirstWriteMs = Summary.Of(
            Enumerable.Range(0, Runs).Select(
                _ => bench.Rounds.RunOnce(firstWrite, source, SourceBytes).Seconds * 1000).ToList());
        File.Delete(source);
    }
}
