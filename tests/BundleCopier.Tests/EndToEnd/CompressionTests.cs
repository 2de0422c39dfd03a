using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Stock lz4 reads the compressed file of every kind of source, and every command gives the same bytes back.
/// </summary>
public sealed class CompressionTests : IDisposable
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;
    private const long TiB = 1L << 40;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Lz4)]
    [InlineData("lz4")]
    [InlineData("auto")]
    public void Every_layout_is_read_by_stock_lz4_and_restored_with_its_holes(string compression)
    {
        long[] sizes = [0, 1, 4095, 4096, 4097, MiB - 1, MiB, MiB + 1, (3 * MiB) + 5];
        foreach (long size in sizes)
            SourceFile.Dense(place.Source($"size-{size}"), size);
        SourceFile.Text(place.Source("text"), (5 * MiB) + 11);
        Mixed("mixed");
        SourceFile.Sparse(place.Source("first"), 6 * MiB, (2 * MiB, 4 * MiB));
        SourceFile.Sparse(place.Source("last"), (6 * MiB) + 17, (0, 3 * MiB));
        SourceFile.Sparse(place.Source("everywhere"), (32 * MiB) + 1);
        SourceFile.Sparse(
            place.Source("alternating"), 4 * MiB, [.. Enumerable.Range(0, 512).Select(i => (i * 8 * KiB, 4 * KiB))]);
        SourceFile.Sparse(
            place.Source(
            "islands"), 300 * MiB, [.. Enumerable.Range(0, 20)
            .Select(i => ((i * 15 * MiB) + (i * 4 * KiB), 64 * KiB))]);
        SourceFile.Sparse(place.Source("arena"), TiB, (0, 64 * KiB), (TiB / 2, MiB), (TiB - 4096, 4096));

        ReceiptView receipt = Ended.Committed(0, place, place.Copy("--compression", compression));
        Assert.Equal("complete", receipt.Status);
        string restored = CompressedBundle.Extract(0, place);
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            CompressedBundle.IsWhole(place, file);
            Same.Bytes(file.Source, Path.Combine(restored, file.Name));
            Same.Holes(file.Source, Path.Combine(restored, file.Name));
        }

        Assert.Equal("none", receipt["arena"].Compression);
        Assert.InRange(Kernel.StatusOf(place.Output("arena")).AllocatedBytes, 0, 2 * MiB);
        if (compression == "lz4")
        {
            Assert.All(
                receipt.Files, f => Assert.True(f.Compression == "lz4" || f.Name == "arena" || f.Size == 0, f.Name));
            Assert.InRange(receipt["text"].WrittenBytes, 1, receipt["text"].Size * 3 / 4);
        }
    }

    [KernelFact]
    public void Cat_prints_any_window()
    {
        long size = Mixed("mixed");
        Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        (long Offset, long Length)[] windows =
        [
            (0, size), (0, 1), (size - 1, 1), (size - 1, 100), (size, 5), (MiB - 3, 7), (MiB, MiB),
            ((2 * MiB) + 1, 3 * MiB),
            ((3 * MiB) + 100, 4096), ((5 * MiB) - 4096, 8192), (6 * MiB, 0),
        ];
        foreach ((long offset, long length) in windows)
            CompressedBundle.CatIsEqual(place, "mixed", offset, length);
    }

    [KernelFact(Needs.Lz4)]
    public void An_entry_of_the_manifest_overrides_the_run()
    {
        foreach (string name in new[] { "none", "lz4", "auto", "unsaid" })
            SourceFile.Text(place.Source(name), (2 * MiB) + 1);
        JsonObject[] entries =
            [CompressedBundle.Entry(place.Source("none"), "none"), CompressedBundle.Entry(place.Source("lz4"), "lz4"),
            CompressedBundle.Entry(place.Source("auto"), "auto"), Workspace.Entry(place.Source("unsaid"))];
        string manifest = place.Manifest(entries);
        foreach ((string run, string unsaid) in new[] { ("none", "none"), ("lz4", "lz4") })
        {
            ReceiptView receipt = Ended.Committed(0, place, Cli.Run("--manifest", manifest, "--compression", run));
            Assert.Equal(
                ("none", "lz4", unsaid),
                (receipt["none"].Compression, receipt["lz4"].Compression, receipt["unsaid"].Compression));
            Assert.All(receipt.Files, f => CompressedBundle.IsWhole(place, f));
            Directory.Delete(place.BundlePath, recursive: true);
        }
    }

    [KernelFact]
    public void The_setting_counts_and_the_option_beats_it()
    {
        SourceFile.Text(place.Source("a"), 2 * MiB);
        string config = place.Config("bundle-copier.compression = lz4");
        Assert.Equal("lz4", Ended.Committed(0, place, place.Copy("--config", config))["a"].Compression);
        Directory.Delete(place.BundlePath, recursive: true);
        Assert.Equal(
            "none", Ended.Committed(
            0, place, place.Copy("--config", config, "--compression", "none"))["a"].Compression);
    }

    [KernelFact]
    public void An_unknown_compression_is_refused()
    {
        string source = SourceFile.Dense(place.Source("a"), 100);
        Ended.Refused(
            2, place, Cli.Run(
            "--manifest", place.Manifest(CompressedBundle.Entry(source, "zip"))),
            "files[0].compression", "\"zip\"", "lz4");
        Ended.Refused(2, place, place.Copy("--compression", "zip"), "--compression", "zip", "lz4", "auto");
    }

    [KernelTheory(Needs.Lz4)]
    [InlineData("2MiB", 1, 1)]
    [InlineData("2MiB", 4, 4)]
    [InlineData("3MiB", 2, 1)]
    [InlineData("5MiB", 3, 16)]
    [InlineData("7MiB", 4, 2)]
    public void Any_budget_and_any_number_of_threads_give_the_same(string budget, int compressors, int others)
    {
        Mixed("mixed");
        SourceFile.Dense(place.Source("dense"), (9 * MiB) + 1);
        SourceFile.Text(place.Source("text"), 9 * MiB);
        string config = place.Config(
            $"bundle-copier {{ compressor.threads = {compressors}, reader.threads = {others}, "
            + $"writer.threads = {others} }}");
        ReceiptView receipt =
            Ended.Committed(0, place, place.Copy("--config", config, "--budget", budget, "--compression", "lz4"));
        Assert.All(receipt.Files, f => CompressedBundle.IsWhole(place, f));
        CompressedBundle.RestoresRanges(receipt, CompressedBundle.Extract(0, place));
        Assert.InRange(
            receipt.Resources.GetProperty("peakInFlightBytes")
                .GetInt64(), 1, receipt.Resources.GetProperty("budgetBytes").GetInt64());
    }

    [KernelFact(Needs.Lz4)]
    public void Only_the_ranges_are_compressed_and_they_stay_where_they_are()
    {
        string source = SourceFile.Dense(place.Source("a"), (9 * MiB) + 333);
        string text = SourceFile.Text(place.Source("b"), 6 * MiB);
        (long, long)[] ranges = [(1, 1), (MiB - 7, 15), ((3 * MiB) + 100, MiB), (7 * MiB, 4096), (9 * MiB, TiB)];
        string manifest =
            place.Manifest(Workspace.Entry(source, "a", null, ranges), Workspace.Entry(text, "b", null, (5000, 9000)));
        ReceiptView receipt = Ended.Committed(0, place, Cli.Run("--manifest", manifest, "--compression", "lz4"));
        Assert.Equal(
            [(1, 1), (MiB - 7, 15), ((3 * MiB) + 100, MiB), (7 * MiB, 4096), (9 * MiB, 333)], receipt["a"].Ranges);
        string restored = CompressedBundle.Extract(0, place);
        CompressedBundle.RestoresRanges(receipt, restored);
        Assert.All(receipt.Files, f => Assert.Equal(("copied", "lz4"), (f.Status, f.Compression)));
        Assert.All(receipt.Files, f => CompressedBundle.StockReads(place, f.Output!, Path.Combine(restored, f.Name)));
    }

    [KernelTheory(Needs.Lz4)]
    [InlineData("lz4", "none")]
    [InlineData("lz4", "lz4")]
    [InlineData("none", "lz4")]
    public void A_file_and_one_that_already_has_its_name_with_lz4(string ofShort, string ofLong)
    {
        string shorter = SourceFile.Text(place.Source("x"), 2 * MiB);
        string longer = SourceFile.Dense(place.Source("x.lz4"), MiB + 1);
        CliResult result =
            Cli.Run("--manifest", place.Manifest(
                CompressedBundle.Entry(shorter, ofShort), CompressedBundle.Entry(longer, ofLong)));
        ReceiptView receipt = Ended.Committed(0, place, result);
        Assert.Equal(2, receipt.Files.Select(f => f.Output).Distinct().Count());
        Assert.All(receipt.Files, f => CompressedBundle.IsWhole(place, f));
        CompressedBundle.RestoresRanges(receipt, CompressedBundle.Extract(0, place));
    }

    // Text, a hole in the middle of a segment, whole segments of holes, data across a border, incompressible bytes, a
    // tail.
    private long Mixed(string name)
    {
        SourceFile.Sparse(
            place.Source(name), (8 * MiB) + 77, ((5 * MiB) - (8 * KiB), 16 * KiB), (6 * MiB, MiB), (8 * MiB, 77));
        using SafeFileHandle file = File.OpenHandle(place.Source(name), access: FileAccess.Write);
        SourceFile.WriteText(file, 0, (2 * MiB) + (300 * KiB));
        SourceFile.WriteText(file, (2 * MiB) + (800 * KiB), 200 * KiB);
        return RandomAccess.GetLength(file);
    }
}
