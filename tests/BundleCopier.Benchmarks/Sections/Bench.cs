using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sources;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>The common objects of all sections.</summary>
public sealed class Bench
{
    // Any number; the same seed makes the same sources.
    private const ulong Seed = 4;

    public Bench(BenchmarkOptions options)
    {
        Options = options;
        Meter = new Meter(options.Place.Measure);
        Rounds = new Rounds(options.Place, Meter);
        Sources = new SourceMaker(Seed);
        BundleCopy = new BundleCopyWays(options.Place);
    }

    public BenchmarkOptions Options { get; }

    public Workplace Place => Options.Place;

    public Meter Meter { get; }

    public Rounds Rounds { get; }

    public SourceMaker Sources { get; }

    public BundleCopyWays BundleCopy { get; }

    /// <summary>The path of a source in shared memory.</summary>
    public string InMemory(string name) => Path.Combine(Place.Memory, name);
}
