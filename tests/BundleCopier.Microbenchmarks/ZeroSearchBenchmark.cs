using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using BundleCopier.Memory;
using BundleCopier.Segments;

namespace BundleCopier.Microbenchmarks;

/// <summary>The cost of the search for zeros, in addition to hashing.</summary>
public class ZeroSearchBenchmark
{
    // The same as in SegmentReader.
    private const int PieceBytes = 256 * 1024;

    private readonly SegmentInspector inspector = new();
    private readonly XxHash3 hash = new();
    private Segments dense = null!;
    private Segments sparse = null!;
    private Segments zeros = null!;

    [GlobalSetup]
    public void Begin()
    {
        dense = Segments.OfRandomBytes();
        sparse = Segments.OfBlocksThatEndInAByte();
        zeros = Segments.OfZeros();
        Inspect(sparse);
        Same.OrThrow(inspector.Found.TotalBytes, Segments.SegmentBytes);
        Same.OrThrow(Inspect(zeros), null);
    }

    [GlobalCleanup]
    public void End()
    {
        dense.Dispose();
        sparse.Dispose();
        zeros.Dispose();
    }

    [Benchmark(Description = "dense, not searched: XXH3 alone")]
    public ulong DenseHashed()
    {
        ReadOnlySpan<byte> left = dense.Next().Slab;
        hash.Reset();
        for (; !left.IsEmpty; left = left[PieceBytes..])
            hash.Append(left[..PieceBytes]);
        return hash.GetCurrentHashAsUInt64();
    }

    [Benchmark(Description = "dense: `SegmentInspector` (kept)")]
    public ulong? Dense() => Inspect(dense);

    [Benchmark(Description = "a byte at the end of each block: the same")]
    public ulong? BytesAtTheEnd() => Inspect(sparse);

    [Benchmark(Description = "zeros: the same")]
    public ulong? Zeros() => Inspect(zeros);

    [Benchmark(Description = "zeros, 1 MiB in one call instead of block by block")]
    public bool ZerosInOneCall() => zeros.Next().Slab.ContainsAnyExcept((byte)0);

    private ulong? Inspect(Segments segments)
    {
        Lease lease = segments.Next();
        inspector.Begin();
        for (int at = 0; at < Segments.SegmentBytes; at += PieceBytes)
            inspector.Inspect(lease.Slab, at, PieceBytes);
        return inspector.End();
    }
}
