using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sources;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>What every section works with.</summary>
public sealed class Bench
{
    // Any number; the same one makes the same sources again.
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

    /// <summary>A place for a source in shared memory.</summary>
    public string InMemory(string name) => Path.Combine(Place.Memory, name);
}
