using System.Text;
using System.Text.Json;
using BundleCopier.Cli;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;
using TestReceipts = BundleCopier.Tests.Receipt.Receipts;

namespace BundleCopier.Tests.Restore;

/// <summary>What <c>bundlecopy list</c> finds, and how it tells it.</summary>
public sealed class ListTests : IDisposable
{
    private const long MiB = 1 << 20;

    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly string root =
        Directory.CreateDirectory($"/var/tmp/bundlecopy-list-{Guid.NewGuid():N}", (UnixFileMode)0x1C0).FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Bundles_are_listed_by_the_time_of_their_end_and_nothing_else_is()
    {
        Add("younger", Receipt(Noon.AddHours(1)));
        Add("older", Receipt(Noon));
        Add(".hidden", Receipt(Noon));
        Directory.CreateDirectory(Path.Combine(root, "no-bundle"));
        File.WriteAllText(Path.Combine(root, "file"), "");
        Directory.CreateSymbolicLink(Path.Combine(root, "link"), Path.Combine(root, "older"));
        BundleListing listing = List();
        Assert.Equal(["older", "younger"], listing.Bundles.Select(static b => b.Name));
        Assert.Equal((0, 0), (listing.LeftOut, listing.Unreadable));
        ListedBundle first = listing.Bundles[0];
        Assert.Equal((ListedState.Finished, Noon, BundleStatus.Partial), (first.State, first.Time, first.Status));
        Assert.Equal((178 * MiB, 182 * MiB, 360 * MiB, 2, 1),
            (first.Saved.DataBytes, first.Saved.MissingBytes, first.Saved.WantedBytes, first.Saved.Files,
                first.Saved.UnopenedFiles));
        Assert.True(first.AllocatedBytes > 0);
    }

    [Fact]
    public void What_a_copy_has_not_finished_is_listed_and_what_only_looks_like_it_is_not()
    {
        Directory.CreateDirectory(Path.Combine(root, ".b.partial", "files"));
        File.WriteAllText(Path.Combine(root, ".b.partial", "receipt.json"), "");
        Directory.CreateDirectory(Path.Combine(root, ".other.partial", "photos"));
        ListedBundle found = Assert.Single(List().Bundles);
        Assert.Equal(("b", ".b.partial", ListedState.Unfinished), (found.Name, found.Directory, found.State));
        Assert.NotNull(found.Time);
        Assert.Contains("unfinished", Table(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"version\":7}")]
    [InlineData("{\"version\":1,\"bundle\":\"../x\"}")]
    public void A_damaged_receipt_is_told_in_its_row(string text)
    {
        Add("good", Receipt(Noon));
        Add("bad", text);
        BundleListing listing = List();
        ListedBundle bad = listing.Bundles[^1];
        Assert.Equal(("bad", ListedState.Damaged), (bad.Name, bad.State));
        Assert.StartsWith("receipt.json", bad.Problem, StringComparison.Ordinal);
        Assert.Equal(2, listing.Bundles.Count);
        Assert.Equal("damaged", Json()[1].GetProperty("status").GetString());
    }

    [Fact]
    public void A_receipt_that_is_no_file_or_has_a_second_name_is_damaged()
    {
        Add("linked", Receipt(Noon));
        string fifo = Directory.CreateDirectory(Path.Combine(root, "fifo")).FullName;
        EndToEnd.Kernel.MakeFifo(Path.Combine(fifo, "receipt.json"));
        EndToEnd.Tool.Run("ln", Path.Combine(root, "linked", "receipt.json"), Path.Combine(root, "second"));
        Assert.All(List().Bundles, static b => Assert.Equal(ListedState.Damaged, b.State));
        Assert.Equal(2, List().Bundles.Count);
    }

    [Fact]
    public void A_table_has_a_row_for_each_bundle_and_says_what_is_missing()
    {
        Add("b", Receipt(Noon));
        Add("whole", Receipt(Noon.AddSeconds(1)) with
        {
            Files = [TestReceipts.Copied with { DataBytes = MiB }],
            Status = BundleStatus.Complete,
            Missing = null,
        });
        string[] lines = Table().Split('\n');
        Assert.StartsWith("NAME   TIME (UTC)           STATUS    ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("b      2026-11-22 12:00:00  partial   ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(
            "  178 of 360 MiB  182 MiB and 1 file of unknown size missing: the disk is full; and 1 more cause",
            lines[1],
            StringComparison.Ordinal);
        Assert.EndsWith("  1 MiB           -", lines[2], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public void A_JSON_line_has_the_same()
    {
        Add("b", Receipt(Noon));
        JsonElement row = Assert.Single(Json());
        Assert.Equal("b", row.GetProperty("name").GetString());
        Assert.Equal($"{root}/b", row.GetProperty("path").GetString());
        Assert.Equal("partial", row.GetProperty("status").GetString());
        Assert.Equal(Noon, row.GetProperty("finishedAt").GetDateTimeOffset());
        Assert.Equal(178 * MiB, row.GetProperty("savedBytes").GetInt64());
        Assert.Equal(360 * MiB, row.GetProperty("wantedBytes").GetInt64());
        Assert.Equal("ENOSPC", row.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.False(row.TryGetProperty("problem", out _));
    }

    [Fact]
    public void What_comes_from_outside_cannot_control_the_terminal()
    {
        string name = "\u001b[2J\u202Ename\n";
        Add(name, Receipt(Noon) with
        {
            Missing = [new ReceiptMissing("ENOSPC", 1, 182 * MiB, "\u001b[31mfull\r\n" + new string('x', 5000))],
        });
        Add("\u001b[3J", "{\"version\":1,\"\u001b[4J\":}");
        foreach (string text in (string[])[Table(), Encoding.UTF8.GetString(JsonBytes())])
        {
            Assert.DoesNotContain(text, static c => c is '\u001b' or '\r' or '\u202E');
            Assert.DoesNotContain(text.Split('\n'), static line => line.Length > 4000);
        }

        Assert.Equal(4, Table().Split('\n').Length);
        Assert.Contains(Json(), row => row.GetProperty("name").GetString() == name);
    }

    [Fact]
    public void Of_too_many_bundles_the_newest_are_listed()
    {
        for (int i = 0; i < 5; i++)
            Add($"b{i}", Receipt(Noon.AddSeconds(i % 3)));
        Assert.True(new BundleLister(LinuxKernel.Instance, maxBundles: 2)
            .List(root).Try(out BundleListing? listing, out _));
        Assert.Equal(3, listing.LeftOut);
        Assert.Equal("b2", listing.Bundles[^1].Name);
    }

    [Fact]
    public void Sums_of_a_malicious_receipt_do_not_overflow()
    {
        ReceiptFile huge = TestReceipts.Copied with { DataBytes = long.MaxValue, WrittenBytes = long.MaxValue };
        ReceiptMissing lost = new("ENOSPC", int.MaxValue, long.MaxValue, "full");
        Add("b", Receipt(Noon) with
        {
            Files = [huge, huge with { Name = "b", Output = "files/b.lz4", Status = FileStatus.Partial }],
            Missing = [lost, lost],
        });
        Assert.Equal(long.MaxValue, Assert.Single(List().Bundles).Saved.WantedBytes);
        Assert.Contains("missing: full; and 1 more cause", Table(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_listed_ends_with_4()
    {
        Add("b", Receipt(Noon));
        Assert.Equal(4, await CommandLine.RunAsync(["list", Path.Combine(root, "gone")]));
        Assert.Equal(4, await CommandLine.RunAsync(["list", Path.Combine(root, "b")]));
        Assert.False(new BundleLister(LinuxKernel.Instance).List(Path.Combine(root, "b")).Try(out _, out string? why));
        Assert.Contains("is a bundle itself", why, StringComparison.Ordinal);
    }

    private static BundleReceipt Receipt(DateTimeOffset finishedAt) => TestReceipts.Full with
    {
        FinishedAt = finishedAt,
        Files = [TestReceipts.Copied with { DataBytes = 178 * MiB }, TestReceipts.Failed],
        Missing =
        [
            new ReceiptMissing("ENOSPC", 1, 182 * MiB, "the disk is full"),
            new ReceiptMissing("ENOENT", 1, 0, "there is no such file"),
        ],
    };

    private void Add(string name, BundleReceipt receipt) => Add(name, TestReceipts.Text(receipt));

    private void Add(string name, string receipt)
    {
        Directory.CreateDirectory(Path.Combine(root, name));
        File.WriteAllText(Path.Combine(root, name, "receipt.json"), receipt);
    }

    private BundleListing List()
    {
        Assert.True(
            new BundleLister(LinuxKernel.Instance).List(root).Try(out BundleListing? listing, out string? problem),
            problem);
        return listing;
    }

    private string Table()
    {
        using MemoryStream text = new();
        ListRows.WriteTable(text, List());
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private byte[] JsonBytes()
    {
        using MemoryStream text = new();
        ListRows.WriteJson(text, root, List());
        return text.ToArray();
    }

    private JsonElement[] Json() =>
        [.. Encoding.UTF8.GetString(JsonBytes()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonElement.Parse(line))];
}
