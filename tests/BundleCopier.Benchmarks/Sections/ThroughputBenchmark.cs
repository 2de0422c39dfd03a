using System.Diagnostics;
using BundleCopier.Benchmarks.Report;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>Runs the sections and writes the report.</summary>
public sealed class ThroughputBenchmark(BenchmarkOptions options)
{
    private static readonly ISection[] All =
    [
        new StartSection(),
        new SparseSection(),
        new CopiesSection(),
        new ContiguousSection(),
        new HugePagesSection(),
        new SmallFilesSection(),
    ];

    public void Run()
    {
        Machine machine = Machine.Look(options.Place, "dd", "fio", "rsync", "lz4", "gcc");
        Bench bench = new(options);
        Findings findings = new();
        foreach (ISection section in All.Where(s => options.Only is "" || s.Id == options.Only))
        {
            Workplace.Say(section.Id);
            long start = Stopwatch.GetTimestamp();
            section.Run(bench, findings);
            Workplace.Say($"  {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        }

        new ThroughputReport(findings, options, machine).Write();
    }
}
