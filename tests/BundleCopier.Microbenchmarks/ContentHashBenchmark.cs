using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using BundleCopier.Lz4;
using BundleCopier.Memory;

namespace BundleCopier.Microbenchmarks;

/// <summary>XXH32 of a segment: ours and the library's.</summary>
public class ContentHashBenchmark
{
    private Segments segments = null!;

    [GlobalSetup]
    public void Begin()
    {
        segments = Segments.OfRandomBytes();
        Lease lease = segments.Next();
        Same.OrThrow(ContentHash.Of(lease.Slab), XxHash32.HashToUInt32(lease.Slab));
    }

    [GlobalCleanup]
    public void End() => segments.Dispose();

    [Benchmark(Description = "`ContentHash` (kept)")]
    public uint Ours() => ContentHash.Of(segments.Next().Slab);

    [Benchmark(Description = "System.IO.Hashing's `XxHash32`")]
    public uint Library() => XxHash32.HashToUInt32(segments.Next().Slab);
}
