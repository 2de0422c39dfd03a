using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BundleCopier.Benchmarks.Report;
using Figures = BundleCopier.Benchmarks.Running.Summary;

namespace BundleCopier.Microbenchmarks;

/// <summary>A class of benchmarks and its text in the report.</summary>
/// <param name="Id">Its name on the command line.</param>
/// <param name="Title">Its heading.</param>
/// <param name="How">What is measured, and why.</param>
/// <param name="BytesAtOnce">The bytes of one operation, for a speed; null if a speed says nothing.</param>
/// <param name="Benchmarks">The class.</param>
internal sealed record Group(string Id, string Title, string How, int? BytesAtOnce, Type Benchmarks)
{
    public static IReadOnlyList<Group> All { get; } =
    [
        new("hash", "XXH32 of a segment", "The checksum of an LZ4 frame's content: code of our own, or the library's.",
            Segments.SegmentBytes, typeof(ContentHashBenchmark)),
        new("pass", "Both hashes of a stored segment",
            "XXH32 of the content and XXH3 of the frame, for a segment that is not compressed. Both hash a piece in\n"
            + "turn: how large should it be?",
            Segments.SegmentBytes, typeof(TwoHashesBenchmark)),
        new("zeros", "Looking for zeros",
            "What the search adds to hashing, which every segment gets, and what it costs if it finds nothing.\n"
            + "Zeros are not hashed.",
            Segments.SegmentBytes, typeof(ZeroSearchBenchmark)),
        new("codec", "The codec",
            "Avoided work: random bytes are stored after a look at 64 KiB of them, frames of zeros are constants.",
            Segments.SegmentBytes, typeof(CodecBenchmark)),
        new(
            "receipt",
            "A receipt's entry",
            "A file of a bundle of 100,000, indented as in `receipt.json`.",
            null,
            typeof(ReceiptEntryBenchmark)),
    ];

    /// <summary>The name of a way. BenchmarkDotNet quotes names that contain a space.</summary>
    public static string NameOf(BenchmarkCase way) => way.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');

    /// <summary>Its part of the report.</summary>
    public MicroGroup Measured(IEnumerable<BenchmarkReport> all)
    {
        BenchmarkReport[] mine = [.. all.Where(r => r.BenchmarkCase.Descriptor.Type == Benchmarks)];
        var ways = mine.GroupBy(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name);
        IEnumerable<MicroRow> rows = ways.Select(way => new MicroRow(
            NameOf(way.First().BenchmarkCase),
            FigureOf(way, MicroConfig.Jit),
            FigureOf(way, MicroConfig.Native)));
        return new MicroGroup(Title, How, BytesAtOnce, [.. rows]);
    }

    private static MicroFigure? FigureOf(IEnumerable<BenchmarkReport> way, string job) =>
        way.FirstOrDefault(r => r.BenchmarkCase.Job.Id == job) is { ResultStatistics: { } times } report
            ? new MicroFigure(
                Figures.Of(times.OriginalValues), report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase))
            : null;
}
