using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>100,000 files of 4 KiB: the filesystem's metadata takes most of the time.</summary>
public sealed class SmallFilesSection : ISection
{
    public const string Name = "files";
    public const int Files = 100_000;
    public const int BytesEach = 4096;

    public string Id => Name;

    public void Run(Bench bench, Findings findings)
    {
        string source = bench.InMemory("files");
        bench.Sources.ManyFiles(source, Files, BytesEach);
        findings.Add(Id, bench.Rounds.Run(
            [bench.BundleCopy.Default, OtherWays.CopyTreeAndSync],
            source,
            (long)Files * BytesEach,
            bench.Options.SmallRounds));
        Directory.Delete(source, recursive: true);
    }
}
