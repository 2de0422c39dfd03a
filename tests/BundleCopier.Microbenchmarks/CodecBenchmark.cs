using BenchmarkDotNet.Attributes;
using BundleCopier.Compress;
using BundleCopier.Lz4;
using BundleCopier.Segments;
using K4os.Compression.LZ4;

namespace BundleCopier.Microbenchmarks;

/// <summary>The LZ4 codec, and the checks that avoid useless work of it.</summary>
public class CodecBenchmark
{
    private readonly SegmentCompressor compressor = new();
    private readonly byte[] block = new byte[LZ4Codec.MaximumOutputSize(Segments.SegmentBytes)];
    private Segments text = null!;
    private Segments random = null!;
    private Segments zeros = null!;

    [GlobalSetup]
    public void Begin()
    {
        text = Segments.OfText();
        random = Segments.OfRandomBytes();
        zeros = Segments.OfZeros();
        Same.OrThrow(IsStored(text), false);
        Same.OrThrow(IsStored(random), true);
        block.AsSpan().Fill(1);
    }

    [GlobalCleanup]
    public void End()
    {
        text.Dispose();
        random.Dispose();
        zeros.Dispose();
    }

    [Benchmark(Description = "text: the codec alone")]
    public int TextEncoded() => Encode(text);

    [Benchmark(Description = "text: `SegmentCompressor`, which hashes, too")]
    public int TextPacked() => Pack(text, CompressEffort.Compress);

    [Benchmark(Description = "random: the codec alone")]
    public int RandomEncoded() => Encode(random);

    [Benchmark(Description = "random: `SegmentCompressor`, told to compress")]
    public int RandomPacked() => Pack(random, CompressEffort.Compress);

    [Benchmark(Description = "random: the same, after a sample (kept)")]
    public int RandomSampled() => Pack(random, CompressEffort.Sample);

    [Benchmark(Description = "random: the same, told to store")]
    public int RandomStored() => Pack(random, CompressEffort.Store);

    [Benchmark(Description = "zeros: the codec alone")]
    public int ZerosEncoded() => Encode(zeros);

    [Benchmark(Description = "zeros: `ZeroFrame`, which writes the block down (kept)")]
    public int ZerosWritten() => ZeroFrame.WriteBlock(block, Segments.SegmentBytes);

    private int Encode(Segments segments) => LZ4Codec.Encode(segments.Next().Slab, block, LZ4Level.L00_FAST);

    private bool IsStored(Segments segments) => compressor
        .Compress(segments.Next(), Segments.SegmentBytes, segments.Target, CompressEffort.Compress)
        .IsStored;

    private int Pack(Segments segments, CompressEffort effort) =>
        compressor.Compress(segments.Next(), Segments.SegmentBytes, segments.Target, effort).FrameBytes;
}
