using BenchmarkDotNet.EventProcessors;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace BundleCopier.Microbenchmarks;

/// <summary>Prints progress on standard error.</summary>
internal sealed class Progress : EventProcessor
{
    public override void OnStartBuildStage(IReadOnlyList<BuildPartition> partitions) =>
        Say("building what will be measured ...");

    public override void OnStartRunStage() => Say("measuring ...");

    public override void OnEndRunBenchmark(BenchmarkCase benchmarkCase, BenchmarkReport report)
    {
        string time = report.ResultStatistics is { } figures ? $"{figures.Median / 1e3:0.00} µs" : "failed";
        Say($"{benchmarkCase.Job.Id}: {Group.NameOf(benchmarkCase)}: {time}");
    }

    private static void Say(string text) => Console.Error.WriteLine($"bench-micro: {text}");
}
