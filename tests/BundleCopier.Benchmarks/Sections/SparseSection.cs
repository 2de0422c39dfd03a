namespace BundleCopier.Benchmarks.Sections;

/// <summary>A file of 1 TiB with 64 MiB of data.</summary>
public sealed class SparseSection : ISection
{
    public const string Name = "sparse";
    private const long FileBytes = 1L << 40;
    private const int DataMiB = 64;

    public string Id => Name;

    public void Run(Bench bench, Findings findings)
    {
        string source = bench.InMemory("sparse");
        bench.Sources.Sparse(source, FileBytes, DataMiB);
        findings.Add(
            Id, bench.Rounds.Run([bench.BundleCopy.Default], source, (long)DataMiB << 20, bench.Options.Rounds));
        File.Delete(source);
    }
}
