using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using BundleCopier.Compress;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Segments;

namespace BundleCopier.Microbenchmarks;

/// <summary>
/// Both hashes of a segment that is stored in a frame, XXH32 and XXH3: piece by piece in turn, or one after the other.
/// </summary>
public class TwoHashesBenchmark
{
    private readonly SegmentCompressor compressor = new();
    private readonly XxHash3 frameHash = new();
    private ContentHash hash = new();
    private Segments segments = null!;

    [GlobalSetup]
    public void Begin()
    {
        segments = Segments.OfRandomBytes();
        Lease lease = segments.Next();
        uint kept = compressor.Compress(lease, Segments.SegmentBytes, segments.Target, CompressEffort.Store).Checksum;
        HashBoth(lease, Segments.SegmentBytes);
        Same.OrThrow(kept, hash.End());
        HashBoth(lease, 64 * 1024);
        Same.OrThrow(kept, hash.End());
    }

    [GlobalCleanup]
    public void End() => segments.Dispose();

    [Benchmark(Description = "pieces of 16 KiB: `SegmentCompressor` (kept)")]
    public ulong Kept() =>
        compressor.Compress(segments.Next(), Segments.SegmentBytes, segments.Target, CompressEffort.Store).FrameHash;

    [Benchmark(Description = "pieces of 64 KiB")]
    public ulong Pieces64() => HashBoth(segments.Next(), 64 * 1024);

    [Benchmark(Description = "pieces of 256 KiB")]
    public ulong Pieces256() => HashBoth(segments.Next(), 256 * 1024);

    [Benchmark(Description = "one after the other")]
    public ulong OneAfterTheOther() => HashBoth(segments.Next(), Segments.SegmentBytes);

    private ulong HashBoth(Lease lease, int pieceBytes)
    {
        hash.Reset();
        frameHash.Reset();
        for (ReadOnlySpan<byte> left = lease.Slab; !left.IsEmpty; left = left[pieceBytes..])
        {
            hash.Append(left[..pieceBytes]);
            frameHash.Append(left[..pieceBytes]);
        }

        return frameHash.GetCurrentHashAsUInt64() ^ hash.End();
    }
}
