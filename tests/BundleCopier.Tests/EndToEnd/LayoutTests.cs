using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// For every layout of a source the copy has the same bytes and holes, and the source takes no more memory.
/// </summary>
public sealed class LayoutTests : IDisposable
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;
    private const long SlackBytes = 256 * KiB; // blocks of the filesystem for extents

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Files_of_every_awkward_size()
    {
        long[] sizes =
            [0, 1, 511, 512, 4095, 4096, 4097, MiB - 1, MiB, MiB + 1, (2 * MiB) - 1, 2 * MiB, (2 * MiB) + 1,
            (7 * MiB) + 123];
        foreach (long size in sizes)
            SourceFile.Dense(place.Source($"size-{size}"), size);
        ReceiptView receipt = CopyAndCompare();
        foreach (long size in sizes)
        {
            Assert.Equal(size, receipt[$"size-{size}"].Size);
            Assert.Equal(size, receipt[$"size-{size}"].DataBytes);
        }
    }

    [KernelFact]
    public void Holes_in_every_place()
    {
        SourceFile.Sparse(place.Source("first"), 6 * MiB, (2 * MiB, 4 * MiB));
        SourceFile.Sparse(place.Source("last"), 6 * MiB, (0, 3 * MiB));
        SourceFile.Sparse(place.Source("last-odd"), (6 * MiB) + 17, (0, 3 * MiB));
        SourceFile.Sparse(place.Source("everywhere"), 64 * MiB);
        SourceFile.Sparse(place.Source("everywhere-odd"), (64 * MiB) + 1);
        SourceFile.Sparse(place.Source("tail-only"), (5 * MiB) + 100, (5 * MiB, 100));
        SourceFile.Sparse(
            place.Source("alternating-4K"), 4 * MiB, [.. Enumerable.Range(0, 512).Select(i => (i * 8 * KiB, 4 * KiB))]);
        SourceFile.Sparse(
            place.Source(
            "alternating-1M"), 16 * MiB, [.. Enumerable.Range(0, 8).Select(i => (((2 * i) + 1) * MiB, MiB))]);
        SourceFile.Sparse(
            place.Source("across-segments"), 8 * MiB, (MiB - (4 * KiB), 8 * KiB), ((3 * MiB) - (12 * KiB), 16 * KiB));
        ReceiptView receipt = CopyAndCompare();
        Assert.Equal(0, receipt["everywhere"].DataBytes);
        Assert.Equal(100, receipt["tail-only"].DataBytes);
        Assert.Equal(2 * MiB, receipt["alternating-4K"].DataBytes);
    }

    [KernelFact]
    public void Pages_that_are_allocated_and_never_written_are_holes_and_stay_holes()
    {
        string source = SourceFile.Sparse(place.Source("a"), 8 * MiB, (MiB, 64 * KiB));
        using (SafeFileHandle file = File.OpenHandle(source, access: FileAccess.Write))
            Kernel.Allocate(file, 2 * MiB, 4 * MiB);
        ReceiptView receipt = CopyAndCompare();
        Assert.Equal(64 * KiB, receipt["a"].DataBytes);
    }

    [KernelFact]
    public void Blocks_of_zeros_become_holes()
    {
        string source = SourceFile.Dense(place.Source("a"), 8 * MiB);
        using (SafeFileHandle file = File.OpenHandle(source, access: FileAccess.Write))
        {
            RandomAccess.Write(file, new byte[2 * MiB], 3 * MiB); // whole segments
            RandomAccess.Write(file, new byte[4 * KiB], 40 * KiB); // one block
            RandomAccess.Write(file, new byte[100], (6 * MiB) + 500); // less than a block
        }

        ReceiptView receipt = CopyAndCompare(isHoleForHole: false);
        Assert.Equal(8 * MiB, receipt["a"].DataBytes);
        Assert.Equal((6 * MiB) - (4 * KiB), receipt["a"].WrittenBytes);
        Assert.Equal(
            [new Kernel.Stretch(0, 40 * KiB), new(44 * KiB, 3 * MiB), new(5 * MiB, 8 * MiB)],
            Kernel.DataOf(place.Output("a")));
    }

    [KernelFact]
    public void A_file_of_nothing_but_zeros_takes_no_space()
    {
        File.WriteAllBytes(place.Source("a"), new byte[(4 * MiB) + 77]);
        CopyAndCompare(isHoleForHole: false);
        Assert.Equal(0, Kernel.StatusOf(place.Output("a")).AllocatedBytes);
    }

    [KernelFact]
    public void An_arena_of_1_TiB_with_little_data_costs_no_more_than_its_data()
    {
        const long TiB = 1L << 40;
        SourceFile.Sparse(
            place.Source(
            "arena"), TiB, [.. Enumerable.Range(0, 64)
            .Select(i => ((i * 16 * GiB) + (i * 4 * KiB), 64 * KiB)), (TiB - 4096, 4096)]);
        ReceiptView receipt = CopyAndCompare();
        Assert.Equal((64 * 64 * KiB) + 4096, receipt["arena"].DataBytes);
    }

    [KernelFact]
    public void Names_may_lead_into_directories_and_hold_any_letters()
    {
        string plain = SourceFile.Dense(place.Source("a"), 5000);
        string odd = SourceFile.Dense(place.Source("grüße \"[1]\" \n *"), 5000);
        string manifest =
            place.Manifest(
            Workspace.Entry(plain, "x/y/z/heap"), Workspace.Entry(plain, "x/y/other"), Workspace.Entry(
            place.Source("gr*")));
        ReceiptView receipt = Ended.Committed(0, place, Cli.Run("--manifest", manifest));
        Assert.Equal(["x/y/z/heap", "x/y/other", Path.GetFileName(odd)], receipt.Files.Select(f => f.Name));
        foreach (ReceiptView.FileView file in receipt.Files)
            Same.Bytes(file.Source, Path.Combine(place.BundlePath, file.Output!));
        Assert.All(
            Directory.EnumerateDirectories(place.BundlePath, "*", SearchOption.AllDirectories),
            d => Assert.Equal(Convert.ToInt32("700", 8), Kernel.StatusOf(d).Mode));
    }

    [KernelFact]
    public void Two_thousand_files_of_4_KiB() => CopyMany(2_000);

    [KernelFact]
    public void Ten_thousand_files_of_4_KiB() => CopyMany(10_000);

    [KernelTheory]
    [InlineData(0, 1 << 20)]
    [InlineData(1 << 20, 3 << 20)]
    [InlineData(4096, 8192)]
    [InlineData(1, 1)]
    [InlineData(4095, 2)]
    [InlineData((1 << 20) - 7, 15)]
    [InlineData((5 << 20) + 100, 1 << 30)]
    public void Only_the_ranges_are_copied_and_they_stay_where_they_are(long offset, long length)
    {
        long size = (6 * MiB) + 333;
        string source = SourceFile.Dense(place.Source("a"), size);
        ReceiptView receipt =
            Ended.Committed(
            0, place, Cli.Run("--manifest", place.Manifest(Workspace.Entry(source, "a", null, (offset, length)))));

        long end = Math.Min(size, offset + length);
        Assert.Equal([(offset, end - offset)], receipt["a"].Ranges);
        Assert.Equal(size, receipt["a"].Size);
        Assert.Equal(end - offset, receipt["a"].DataBytes);
        Assert.Equal(size, Kernel.StatusOf(place.Output("a")).SizeBytes);
        Same.Zeros(place.Output("a"), 0, offset);
        Same.Stretch(source, place.Output("a"), offset, end);
        Same.Zeros(place.Output("a"), end, size);
    }

    [KernelFact]
    public void Ranges_that_touch_overlap_or_lie_beyond_the_end()
    {
        string source = SourceFile.Sparse(place.Source("a"), 4 * MiB, (0, MiB), (2 * MiB, MiB));
        string manifest =
            place.Manifest(
            Workspace.Entry(source, "a", null, (2 * MiB, 100), (10, 20), (30, 40), (15, 10), (5 * MiB, 7)));
        ReceiptView receipt = Ended.Committed(0, place, Cli.Run("--manifest", manifest));
        Assert.Equal([(10, 60), (2 * MiB, 100)], receipt["a"].Ranges);
        Same.Stretch(source, place.Output("a"), 10, 70);
        Same.Stretch(source, place.Output("a"), 2 * MiB, (2 * MiB) + 100);
        Same.Zeros(place.Output("a"), 70, 2 * MiB);
    }

    private void CopyMany(int count)
    {
        for (int i = 0; i < count; i++)
            SourceFile.Dense(place.Source($"f{i:d5}"), 4096 - (i % 7));
        ReceiptView receipt = Ended.Committed(0, place, place.Copy());
        Assert.Equal(count, receipt.Files.Count);
        for (int i = 0; i < count; i++)
        {
            string name = $"f{i:d5}";
            Assert.True(
                File.ReadAllBytes(place.Source(name)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(place.Output(name))), name);
        }
    }

    private ReceiptView CopyAndCompare(bool isHoleForHole = true)
    {
        string[] sources = Directory.GetFiles(place.Memory);
        Kernel.Status[] before = [.. sources.Select(Kernel.StatusOf)];
        ReceiptView receipt = Ended.Committed(0, place, place.Copy());
        Assert.Equal(before, sources.Select(Kernel.StatusOf));
        Assert.Equal("complete", receipt.Status);
        foreach (string source in sources)
        {
            string name = Path.GetFileName(source);
            receipt[name].IsWhole();
            Assert.True(receipt[name].Stable, $"{name} was quiet, and the receipt does not say so.");
            Same.Bytes(source, place.Output(name));
            if (isHoleForHole)
                Same.Holes(source, place.Output(name));
            Kernel.Status output = Kernel.StatusOf(place.Output(name));
            Assert.Equal(Convert.ToInt32("600", 8), output.Mode);
            Assert.InRange(output.AllocatedBytes, 0, Kernel.StatusOf(source).AllocatedBytes + SlackBytes);
        }

        foreach (string directory in new[] { place.BundlePath, Path.Combine(place.BundlePath, "files") })
            Assert.Equal(Convert.ToInt32("700", 8), Kernel.StatusOf(directory).Mode);
        Assert.Equal(Convert.ToInt32("600", 8), Kernel.StatusOf(Path.Combine(place.BundlePath, "receipt.json")).Mode);
        return receipt;
    }
}
