using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A compressed copy that is stopped, has no space or is damaged afterwards restores the right bytes and nothing
/// else.
/// </summary>
public sealed class CompressionTroubleTests : IDisposable
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Lz4)]
    public void A_signal_in_the_middle_commits_what_was_complete()
    {
        string first = SourceFile.Text(place.Source("first"), MiB + 7);
        string big = SourceFile.Dense(place.Source("big"), 96 * MiB);
        string last = SourceFile.Dense(place.Source("last"), 5000);
        string manifest = place.Manifest(
            Workspace.Entry(first, priority: 20), Workspace.Entry(big, priority: 10), Workspace.Entry(last));
        string config = place.Config("bundle-copier { budget = 6MiB, writer.max-rate = 20MiB }");
        string begun = Path.Combine(place.PartialPath, "files", "big.lz4");
        using RunningCli cli = Cli.Start(["--manifest", manifest, "--config", config, "--compression", "lz4"]);
        cli.FreezeWhen(
            () => File.Exists(begun)
            && Kernel.StatusOf(begun).AllocatedBytes > 4 * MiB, "4 MiB of the big file are written");
        cli.Signal(Kernel.SigInt);
        cli.Thaw();
        CliResult result = cli.Wait();

        ReceiptView receipt = Ended.Committed(130, place, result);
        Assert.Equal("cancelled", receipt.Status);
        CompressedBundle.IsWhole(place, receipt["first"]);
        Assert.Equal(("partial", "CANCELLED"), (receipt["big"].Status, receipt["big"].Error));
        Assert.Equal("skipped", receipt["last"].Status);
        Assert.InRange(receipt["big"].Ranges.Sum(r => r.Length), MiB, 95 * MiB);
        RestoresInPart(receipt);
    }

    [KernelFact(Needs.Loop | Needs.Lz4)]
    public void A_disk_that_fills_up_holds_the_files_of_higher_priority()
    {
        place.Mount("ext4", 32 * MiB);
        string first = SourceFile.Text(place.Source("first"), (4 * MiB) + 3);
        string big = SourceFile.Dense(place.Source("big"), 48 * MiB);
        string last = SourceFile.Text(place.Source("last"), 8 * MiB);
        string manifest = place.Manifest(
            Workspace.Entry(last, priority: -1), Workspace.Entry(big), Workspace.Entry(first, priority: 1));
        CliResult result = Cli.Run("--manifest", manifest, "--compression", "lz4");

        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal("partial", receipt.Status);
        CompressedBundle.IsWhole(place, receipt["first"]);
        Assert.Equal(("partial", "ENOSPC"), (receipt["big"].Status, receipt["big"].Error));
        Assert.InRange(receipt["big"].Ranges.Sum(r => r.Length), 8 * MiB, 32 * MiB);
        RestoresInPart(receipt);
        Ended.Says(result, big, "ENOSPC");
    }

    [KernelFact]
    public void Verify_names_the_place_of_any_changed_byte_and_extract_restores_nothing_of_it()
    {
        SourceFile.Sparse(place.Source("original"), (6 * MiB) + 100, (2 * MiB, 40 * KiB), (6 * MiB, 100));
        using (SafeFileHandle file = File.OpenHandle(place.Source("original"), access: FileAccess.Write))
            SourceFile.WriteText(file, 0, 64 * KiB);
        Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        byte[] stream = File.ReadAllBytes(place.Output("original.lz4"));
        Directory.Delete(place.BundlePath, recursive: true);

        // A copy for each place: the first header, everywhere, and all of the seek table.
        (long Segment, long Start, long End)[] frames = FramesOf(stream);
        int table = (int)BinaryPrimitives.ReadInt64LittleEndian(stream.AsSpan(stream.Length - 24));
        int[] places =
            [.. Enumerable.Range(0, 16)
            .Union(Enumerable.Range(0, 200).Select(i => (int)(i * 7919L * 13 % stream.Length)))
            .Union(Enumerable.Range(table, stream.Length - table))];
        foreach (int at in places)
            File.Copy(place.Source("original"), place.Source($"d{at}"));
        Ended.With(0, place.Copy("--compression", "lz4"));
        foreach (int at in places)
        {
            Assert.True(
                stream.AsSpan()
                .SequenceEqual(File.ReadAllBytes(place.Output($"d{at}.lz4"))), "The same source gave another stream.");
            using SafeFileHandle output = File.OpenHandle(place.Output($"d{at}.lz4"), access: FileAccess.Write);
            RandomAccess.Write(output, [(byte)(stream[at] ^ (1 << (at % 8)))], at);
        }

        CliResult verify = place.Verify();
        Ended.With(5, verify);
        Ended.Says(verify, $"{places.Length} damaged");
        string restored = Path.Combine(place.Disk, "restored");
        CliResult extract = Cli.Run("extract", place.BundlePath, restored);
        Ended.With(5, extract);
        foreach (int at in places)
        {
            (long Segment, long Start, long End)[] hit = [.. frames.Where(f => at >= f.Start && at < f.End)];
            string where = hit.Length == 1
                ? string.Create(CultureInfo.InvariantCulture, $@"offset \d+, frame {hit[0].Segment}: ")
                : @"(offset \d+|.*seek table)";
            Assert.Matches($"damaged: files/d{at}\\.lz4: {where}", verify.Errors);
            string output = Path.Combine(restored, $"d{at}");
            // Extract does not read the bytes between the frames.
            if (hit.Length == 1 || at >= table)
                Assert.False(File.Exists(output), $"extract believed d{at}.");
            if (hit.Length == 1)
                Assert.Matches($"damaged: files/d{at}\\.lz4: {where}", extract.Errors);
            if (File.Exists(output))
                Same.Bytes(place.Source("original"), output);
        }

        Same.Bytes(place.Source("original"), Path.Combine(restored, "original"));
        Assert.DoesNotContain(Directory.EnumerateFiles(restored), f => Path.GetFileName(f).StartsWith('.'));
    }

    [KernelFact]
    public void Cat_prints_nothing_of_a_damaged_frame_and_everything_of_the_others()
    {
        SourceFile.Text(place.Source("a"), (3 * MiB) + 5);
        Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        string stream = place.Output("a.lz4");
        (long _, long start, long end) = FramesOf(File.ReadAllBytes(stream))[1];
        using (SafeFileHandle file = File.OpenHandle(stream, access: FileAccess.ReadWrite))
        {
            byte[] one = new byte[1];
            RandomAccess.Read(file, one, (start + end) / 2);
            one[0] ^= 4;
            RandomAccess.Write(file, one, (start + end) / 2);
        }

        CliResult result = Cli.Run("cat", place.BundlePath, "a", "--offset", $"{MiB + 10}", "--length", "10");
        Ended.With(5, result);
        Assert.Equal("", result.Output);
        Assert.Matches(@"files/a\.lz4: offset \d+, frame 1: ", result.Errors);
        CompressedBundle.CatIsEqual(place, "a", 0, MiB);
        CompressedBundle.CatIsEqual(place, "a", 2 * MiB, 2 * MiB);
    }

    [KernelTheory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-40)]
    [InlineData(-5000)]
    public void A_stream_of_another_length_is_damaged(int change)
    {
        SourceFile.Text(place.Source("a"), 2 * MiB);
        Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        using (SafeFileHandle file = File.OpenHandle(place.Output("a.lz4"), access: FileAccess.ReadWrite))
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) + change);
        CliResult result = place.Verify();
        Ended.With(5, result);
        Ended.Says(result, "damaged: files/a.lz4");
        Assert.Empty(Directory.GetFileSystemEntries(CompressedBundle.Extract(5, place)));
    }

    [KernelFact]
    public void Extract_overwrites_nothing_and_suggests_similar_names()
    {
        string source = SourceFile.Text(place.Source("engine.heap"), 2 * MiB);
        SourceFile.Dense(place.Source("other"), 5000);
        Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        string restored = CompressedBundle.Extract(0, place, "engine.heap");
        Assert.Equal(["engine.heap"], Directory.GetFileSystemEntries(restored).Select(f => Path.GetFileName(f)));
        Same.Bytes(source, Path.Combine(restored, "engine.heap"));

        File.WriteAllText(Path.Combine(restored, "engine.heap"), "mine");
        CliResult result = Cli.Run("extract", place.BundlePath, restored);
        Ended.With(4, result);
        Ended.Says(result, Path.Combine(restored, "engine.heap"), "exists already");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(restored, "engine.heap")));
        Assert.False(File.Exists(Path.Combine(restored, "other")));

        string never = Path.Combine(place.Disk, "never");
        result = Cli.Run("extract", place.BundlePath, never, "engine.hea");
        Ended.With(2, result);
        Ended.Says(result, "\"engine.hea\"", "Did you mean \"engine.heap\"?");
        Assert.False(Path.Exists(never));
        result = Cli.Run("cat", place.BundlePath, "engine.heap.lz4");
        Ended.With(2, result);
        Ended.Says(result, "Did you mean \"engine.heap\"?");
    }

    [KernelTheory]
    [InlineData("none")]
    [InlineData("lz4")]
    [InlineData("auto")]
    public void The_rate_limit_holds(string compression)
    {
        const double Rate = 16 * MiB;
        SourceFile.Dense(place.Source("dense"), 12 * MiB);
        SourceFile.Text(place.Source("text"), 12 * MiB);
        string config = place.Config("bundle-copier.writer.max-rate = 16MiB");
        ReceiptView receipt = Ended.Committed(0, place, place.Copy("--config", config, "--compression", compression));
        long written = receipt.Files.Sum(f => f.WrittenBytes);
        double seconds = receipt.Resources.GetProperty("seconds").GetDouble();
        Assert.True(written <= (Rate * 1.2 * seconds) + (2 * MiB), $"{written} bytes in {seconds} s");
    }

    private void RestoresInPart(ReceiptView receipt)
    {
        string restored = CompressedBundle.Extract(3, place);
        CompressedBundle.RestoresRanges(receipt, restored);
        foreach (ReceiptView.FileView file in receipt.Files.Where(f => f.Compression == "lz4" && f.Output is not null))
            Tool.Run("lz4", "-tq", Path.Combine(place.BundlePath, file.Output!));
    }

    // Reads the seek table as docs/format.md describes it.
    private static (long Segment, long Start, long End)[] FramesOf(byte[] stream)
    {
        int table = (int)BinaryPrimitives.ReadInt64LittleEndian(stream.AsSpan(stream.Length - 24));
        int count = (int)BinaryPrimitives.ReadInt64LittleEndian(stream.AsSpan(stream.Length - 32));
        return [.. Enumerable.Range(0, count).Select(i => Entry(stream.AsSpan(table + 8 + (i * 24), 24)))];
    }

    private static (long Segment, long Start, long End) Entry(ReadOnlySpan<byte> entry)
    {
        long start = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
        return (BinaryPrimitives.ReadUInt32LittleEndian(entry), start,
            start + BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
    }
}

/// <summary>Compressing and restoring leave nothing in page cache either.</summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class CompressionPageCacheTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Compressed_and_restored_files_are_not_in_page_cache()
    {
        SourceFile.Dense(place.Source("dense"), (64 * MiB) + 77);
        SourceFile.Text(place.Source("text"), 64 * MiB);
        Ended.With(0, place.Copy("--compression", "lz4"));
        AreNotCached(Path.Combine(place.BundlePath, "files"));
        string restored = CompressedBundle.Extract(0, place);
        AreNotCached(restored);
        AreNotCached(Path.Combine(place.BundlePath, "files"));
        Same.Bytes(place.Source("dense"), Path.Combine(restored, "dense"));
        Same.Bytes(place.Source("text"), Path.Combine(restored, "text"));
    }

    private static void AreNotCached(string directory) =>
        Assert.All(Directory.GetFiles(directory), f => Assert.InRange(Kernel.CachedBytes(f), 0, MiB));
}
