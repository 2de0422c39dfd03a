using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class ExtractTests : IDisposable
{
    private const int Segment = 1 << 20;

    private readonly TestBundle bundle = new();
    private readonly List<FileRestoration> told = [];

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void Every_file_comes_back_whole_private_and_sparse()
    {
        byte[] sparse = Contents.Sparse((11 * Segment) + 5, 5, 1, 2, 9);
        byte[] text = Contents.Text((3 * Segment) + 1234, 6);
        bundle.AddLz4("a/b/sparse", sparse).AddLz4("text", text).AddRaw("raw", sparse).AddRaw("a/empty", [])
            .AddLz4("none", []).Seal();
        Assert.Equal(5, Extract().Count(RestoreKind.Restored));
        Assert.Equal(sparse, File.ReadAllBytes(bundle.Restored("a/b/sparse")));
        Assert.Equal(text, File.ReadAllBytes(bundle.Restored("text")));
        Assert.Equal(sparse, File.ReadAllBytes(bundle.Restored("raw")));
        Assert.Empty(File.ReadAllBytes(bundle.Restored("a/empty")));
        Assert.Empty(File.ReadAllBytes(bundle.Restored("none")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bundle.Restored("text")));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(
            bundle.Restored("a/b")));
        Stock.Shell(bundle.Destination, "stat -c %b a/b/sparse raw; find . -name '.*partial'", out string blocks);
        // Three runs of 9000 bytes, in blocks of 512.
        Assert.All(blocks.Trim().Split('\n'), static count => Assert.InRange(int.Parse(count), 72, 200));
    }

    [Fact]
    public void Files_whose_names_are_long_or_look_like_temporary_ones_do_not_collide()
    {
        string head = new('n', 250);
        bundle.AddRaw(head + "a", [1]).AddRaw(head + "b", [2]).AddRaw("foo", [3]).AddRaw(".foo.partial", [4]).Seal();
        Assert.Equal(4, Extract().Count(RestoreKind.Restored));
        Assert.Equal([1], File.ReadAllBytes(bundle.Restored(head + "a")));
        Assert.Equal([2], File.ReadAllBytes(bundle.Restored(head + "b")));
        Assert.Equal([3], File.ReadAllBytes(bundle.Restored("foo")));
        Assert.Equal([4], File.ReadAllBytes(bundle.Restored(".foo.partial")));
    }

    [Fact]
    public void Only_the_named_files_come_back()
    {
        bundle.AddLz4("a", [1]).AddRaw("b", [2]).AddRaw("c", [3]).Seal();
        Extract("c", "a");
        Assert.Equal(["a", "c"], told.Select(f => f.File.Name).Order());
        Assert.Equal(["a", "c"], Directory.GetFileSystemEntries(bundle.Destination).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("engine.hepa", "engine.heap")]
    [InlineData("files/engine.heap.lz4", "engine.heap")]
    [InlineData("engine.heap.lz4", "engine.heap")]
    public void The_error_for_an_unknown_name_names_the_similar_one_and_nothing_is_written(string given, string meant)
    {
        bundle.AddLz4("engine.heap", [1]).Seal();
        ExtractReport.Invalid invalid =
            Assert.IsType<ExtractReport.Invalid>(
            new BundleExtractor().Extract(bundle.Bundle, bundle.Destination, [given]));
        Assert.Contains($"\"{meant}\"", invalid.Error.ToString());
        Assert.False(Directory.Exists(bundle.Destination));
    }

    [Fact]
    public void A_file_that_exists_is_not_overwritten_and_nothing_else_is_written()
    {
        bundle.AddLz4("a", [1]).AddRaw("d/b", [2]).Seal();
        Directory.CreateDirectory(bundle.Restored("d"));
        File.WriteAllText(bundle.Restored("d/b"), "mine");
        ExtractReport.Refused refused =
            Assert.IsType<ExtractReport.Refused>(new BundleExtractor().Extract(bundle.Bundle, bundle.Destination));
        Assert.Contains("d/b exists", refused.Message);
        Assert.Equal("mine", File.ReadAllText(bundle.Restored("d/b")));
        Assert.False(File.Exists(bundle.Restored("a")));
    }

    [Fact]
    public void A_link_below_the_destination_is_not_followed()
    {
        bundle.AddLz4("d/b", [1]).Seal();
        string elsewhere = Directory.CreateDirectory(Path.Combine(bundle.Root, "elsewhere")).FullName;
        Directory.CreateDirectory(bundle.Destination);
        Directory.CreateSymbolicLink(bundle.Restored("d"), elsewhere);
        Assert.IsType<ExtractReport.Refused>(new BundleExtractor().Extract(bundle.Bundle, bundle.Destination));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public void A_damaged_file_is_not_left_behind_and_the_others_come_back()
    {
        byte[] text = Contents.Text((3 * Segment) + 1234, 6);
        bundle.AddLz4("good", text).AddLz4("bad", text).AddRaw("raw", text).AddRaw("cut", text).Seal();
        bundle.Flip(1, File.ReadAllBytes(bundle.Stored(1)).Length / 2);
        bundle.Flip(2, 2_000_000);
        using (FileStream cut = File.Open(bundle.Stored(3), FileMode.Open))
            cut.SetLength(5000);
        Extract();
        Assert.Equal(4, told.Count);
        Assert.Equal(
            [RestoreKind.Restored, RestoreKind.Damaged, RestoreKind.Damaged, RestoreKind.Damaged],
            ((string[])["good", "bad", "raw", "cut"]).Select(name => told.Single(f => f.File.Name == name).Kind));
        Damage bad = told.Single(static f => f.File.Name == "bad").Damage!;
        Assert.NotNull(bad.Frame);
        Assert.Equal(["good"], Directory.GetFileSystemEntries(bundle.Destination).Select(Path.GetFileName));
        List<FileVerdict> verdicts = [];
        VerifyReport.Done verified =
            Assert.IsType<VerifyReport.Done>(new BundleVerifier().Verify(bundle.Bundle, verdicts.Add));
        Assert.Equal(4, verdicts.Count);
        Assert.Equal(
            [VerdictKind.Intact, VerdictKind.Damaged, VerdictKind.Damaged, VerdictKind.Damaged],
            ((string[])["good", "bad", "raw", "cut"]).Select(name => verdicts.Single(v => v.File.Name == name).Kind));
        Assert.Equal((1, 3), (verified.Count(VerdictKind.Intact), verified.Count(VerdictKind.Damaged)));
        Assert.Equal(bad, verdicts.Single(static v => v.File.Name == "bad").Damage);
    }

    [Fact]
    public void A_partial_file_is_restored_in_part()
    {
        byte[] content = Contents.Text(3 * Segment, 1);
        content.AsSpan(Segment + 5000).Clear();
        ReceiptError error = new("ENOSPC", "The disk was full.");
        bundle.Add(
            Reading.Entry(
            content, "part") with
            {
                Status = FileStatus.Partial,
                Ranges = [new ByteRange(0, Segment + 5000)],
                Error =
            error
            }, ReferenceEncoder.Encode(content))
            .Add(BundleCopier.Tests.Receipt.Receipts.Failed, null)
            .Seal();
        Extract();
        Assert.Equal([RestoreKind.Partial, RestoreKind.Absent], told.Select(f => f.Kind).Order());
        Assert.Equal(content, File.ReadAllBytes(bundle.Restored("part")));
    }

    [Fact]
    public void A_name_of_full_length_comes_back()
    {
        string name = new('n', 251);
        bundle.AddLz4(name, [1]).Seal();
        Assert.Equal(1, Extract().Count(RestoreKind.Restored));
        Assert.Equal([1], File.ReadAllBytes(bundle.Restored(name)));
    }

    [Fact]
    public void A_name_that_the_destination_refuses_costs_that_file_alone()
    {
        bundle.AddLz4("a", [1]).AddRaw("refused", [2]).AddRaw("d/refused/b", [3]).AddRaw("c", [4]).Seal();
        Directory.CreateDirectory(bundle.Destination);
        ExtractReport.Done done = Assert.IsType<ExtractReport.Done>(
            new BundleExtractor(RefusingKernel.New(bundle.Destination), 2).Extract(
                bundle.Bundle, bundle.Destination, null, told.Add));
        Assert.Equal((2, 2), (done.Count(RestoreKind.Restored), done.Count(RestoreKind.Failed)));
        Assert.All(
            told.Where(static f => f.Kind == RestoreKind.Failed),
            static f => Assert.Contains("EILSEQ", f.Message, StringComparison.Ordinal));
        Assert.Equal([4], File.ReadAllBytes(bundle.Restored("c")));
    }

    [Fact]
    public void An_extract_that_is_stopped_leaves_no_incomplete_file()
    {
        bundle.AddLz4("a", Contents.Text(3 * Segment, 1)).Seal();
        Assert.Throws<OperationCanceledException>(
            () => new BundleExtractor().Extract(bundle.Bundle, bundle.Destination, stop: new CancellationToken(true)));
        Assert.Empty(Directory.GetFileSystemEntries(bundle.Destination));
    }

    private ExtractReport.Done Extract(params string[] names) =>
        Assert.IsType<ExtractReport.Done>(
            new BundleExtractor().Extract(bundle.Bundle, bundle.Destination, names, told.Add));
}
