using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BundleCopier.Benchmarks.Report;
using Figures = BundleCopier.Benchmarks.Running.Summary;

namespace BundleCopier.Microbenchmarks;

/// <summary>A class of benchmarks, and its words in the report.</summary>
/// <param name="Id">What it is called on the command line.</param>
/// <param name="Title">Its heading.</param>
/// <param name="How">What is measured, and what for.</param>
/// <param name="BytesAtOnce">How much each does it to, for a speed; null where a speed says nothing.</param>
/// <param name="Benchmarks">The class.</param>
internal sealed record Group(string Id, string Title, string How, int? BytesAtOnce, Type Benchmarks)
{
    public static IReadOnlyList<Group> All { get; } =
    [
        new("hash", "XXH32 of a segment", "The checksum of an LZ4 frame's content: code of our own, or the library's.",
            Segments.SegmentBytes, typeof(ContentHashBenchmark)),
        new("pass", "Both hashes of a stored segment",
            "XXH32 of the content and XXH3 of the frame, of a segment that is not compressed: how large the pieces are that both take in turn.",
            Segments.SegmentBytes, typeof(TwoHashesBenchmark)),
        new("zeros", "Looking for zeros",
            "What the search adds to hashing, which every segment gets, and what it costs where it finds nothing. Zeros are not hashed.",
            Segments.SegmentBytes, typeof(ZeroSearchBenchmark)),
        new("codec", "The codec",
            "What is left out where it gives nothing: random bytes are stored, after a look at 64 KiB of them, and blocks of zeros are written down.",
            Segments.SegmentBytes, typeof(CodecBenchmark)),
        new("receipt", "A receipt's entry", "A file of a bundle of 100,000, indented as in `receipt.json`.", null, typeof(ReceiptEntryBenchmark)),
    ];

    /// <summary>What a way is called. BenchmarkDotNet puts whatever has a space between quotes.</summary>
    public static string NameOf(BenchmarkCase way) => way.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');

    /// <summary>Its part of the report.</summary>
    public MicroGroup Measured(IEnumerable<BenchmarkReport> all)
    {
        BenchmarkReport[] mine = [.. all.Where(r => r.BenchmarkCase.Descriptor.Type == Benchmarks)];
        IEnumerable<MicroRow> rows = mine.GroupBy(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name).Select(way => new MicroRow(
            NameOf(way.First().BenchmarkCase),
            FigureOf(way, MicroConfig.Jit),
            FigureOf(way, MicroConfig.Native)));
        return new MicroGroup(Title, How, BytesAtOnce, [.. rows]);
    }

    private static MicroFigure? FigureOf(IEnumerable<BenchmarkReport> way, string job) =>
        way.FirstOrDefault(r => r.BenchmarkCase.Job.Id == job) is { ResultStatistics: { } times } report
            ? new MicroFigure(Figures.Of(times.OriginalValues), report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase))
            : null;
}
