using System.Text;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Receipt;

/// <summary>A receipt that another user made is read in little memory, or refused; our own are read whole.</summary>
public sealed class HostileReceiptTests
{
    private const long SizeBytes = 16 << 20;
    private const long MaxAllocatedBytes = 12 << 20;
    private const string InFile = "{\"version\":1,\"files\":[{\"source\":\"/a\",";

    [Theory]
    [InlineData("", "\0", "")]
    [InlineData("", " ", "")]
    [InlineData("{\"version\":1", " ", "")]
    [InlineData("{\"version\":1,\"later\":\"", "a", "")]
    [InlineData("{\"version\":", "1", "")]
    [InlineData("{\"later\":", "[", "later")]
    [InlineData("{\"version\":1,\"later\":[", "0,", "")]
    [InlineData("{\"version\":1,\"durability\":[", "\"a\",", "")]
    [InlineData("{\"version\":1,\"labels\":{\"a\":\"", "a", "labels")]
    [InlineData("{\"version\":1,\"labels\":{\"", "a", "labels")]
    [InlineData("{\"version\":1,\"labels\":{", " ", "labels")]
    [InlineData("{\"version\":1,\"files\":[\"", "a", "files[0]")]
    [InlineData("{\"version\":1,\"files\":[", "[", "files[0]")]
    [InlineData(InFile + "\"name\":\"", "a", "files[0]")]
    [InlineData(InFile + "\"later\":[", "0,", "files[0]")]
    [InlineData(InFile + "\"sourceMetadata\":{\"xattrs\":{", "\"user.a\":\"AA==\",", "files[0]")]
    [InlineData(InFile + "\"ranges\":[", "{\"offset\":1,\"length\":1},", "files[0].ranges")]
    [InlineData(InFile + "\"ranges\":[{\"offset\":", "1", "files[0].ranges[0]")]
    [InlineData(InFile + "\"ranges\":[{\"later\":\"", "a", "files[0].ranges[0]")]
    public void A_receipt_with_one_huge_part_is_refused_in_little_memory(string beginning, string piece, string field)
    {
        _ = Read(new MemoryStream("{}"u8.ToArray()));
        using RepeatStream text = new(beginning, piece, SizeBytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Parsed<BundleReceipt> read = Read(text);
        long allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.False(read.IsOk);
        Assert.StartsWith(field, read.Error.Field, StringComparison.Ordinal);
        Assert.InRange(allocatedBytes, 0, piece.Contains("offset", StringComparison.Ordinal)
            ? 2 * MaxAllocatedBytes : MaxAllocatedBytes);
    }

    [Fact]
    public void Files_and_labels_beyond_the_limits_are_refused()
    {
        ReceiptLimits few = ReceiptLimits.Stored with { MaxFiles = 1, MaxLabels = 1 };
        Assert.Equal("files", Read(TextOf(Receipts.Full), few).Error!.Field);
        BundleReceipt labels = Receipts.Full with
        {
            Files = [],
            Labels = new Dictionary<string, string> { ["a"] = "", ["b"] = "" },
        };
        Assert.Equal("labels", Read(TextOf(labels), few).Error!.Field);
    }

    [Theory]
    [InlineData("{\"a\":\"1\",\"a\":\"2\"}", "labels.a")]
    [InlineData("{\"a\":1}", "labels.a")]
    [InlineData("{\"a\":{}}", "labels.a")]
    [InlineData("{\"a\":null}", "labels.a")]
    [InlineData("{\"a\":\"\\ud800\"}", "labels.a")]
    [InlineData("[]", "labels")]
    public void Labels_that_are_not_kept_are_checked_like_others(string labels, string field)
    {
        string text = Receipts.Text(Receipts.Full)
            .Replace("{\"host\":\"node17\"}", labels, StringComparison.Ordinal);
        Assert.Equal(field, Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).Error!.Field);
        Assert.False(ReceiptReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "r").IsOk);
    }

    [Fact]
    public void The_place_of_damage_behind_labels_and_ranges_is_right()
    {
        ReceiptFile ranged = Receipts.Copied with { Ranges = [new ByteRange(0, 1), new ByteRange(2, 1)] };
        string text = Receipts.Text(Receipts.Full with { Files = [ranged] }, indented: true)
            .Replace("\"stable\": true", "\"stable\": 1", StringComparison.Ordinal);
        int line = text[..text.IndexOf("\"stable\": 1", StringComparison.Ordinal)].Count(static c => c == '\n') + 1;
        Assert.Contains(
            $"(line {line}, column ",
            Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).Error!.ToString(),
            StringComparison.Ordinal);
        text = Receipts.Text(Receipts.Full, indented: true)
            .Replace("\"budgetBytes\": 33554432", "\"budgetBytes\": \"x\"", StringComparison.Ordinal);
        line = text[..text.IndexOf("\"budgetBytes\"", StringComparison.Ordinal)].Count(static c => c == '\n') + 1;
        Assert.Contains(
            $"(line {line}, column ",
            Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).Error!.ToString(),
            StringComparison.Ordinal);
    }

    // The largest that manifests and the receipt's room allow, with characters that JSON has six bytes for.
    [Fact]
    [Trait("Speed", "slow")]
    public void A_receipt_with_the_largest_parts_that_a_copy_makes_is_read()
    {
        string longest = new('\u0001', BundleLimits.MaxLabelLength);
        string path = new('\u0001', 4000);
        Dictionary<string, ReadOnlyMemory<byte>> xattrs = new() { ["user.a"] = new byte[12 * 1024] };
        ReceiptFile large = Receipts.Copied with
        {
            Source = "/" + path,
            Ranges =
            [
                .. Enumerable.Range(0, BundleLimits.MaxRanges + ReceiptRoom.SpareRanges)
                    .Select(static i => new ByteRange(2 * i, 1)),
            ],
            SourceMetadata = Receipts.Copied.SourceMetadata! with { Xattrs = xattrs },
            Error = new ReceiptError("EIO", path + path),
        };
        BundleReceipt receipt = Receipts.Full with
        {
            Labels = new Dictionary<string, string> { [longest] = longest },
            Files = [large, Receipts.Failed],
        };
        List<ReceiptFile> files = [];
        Parsed<BundleReceipt> read =
            ReceiptReader.Read(TextOf(receipt), "r", ReceiptLimits.Stored, files.Add, () => files);
        Assert.True(read.IsOk, read.ToString());
        Assert.Equal(large.Ranges, files[0].Ranges);
        Assert.Equal(large.Error, files[0].Error);
    }

    [Fact]
    public void The_names_of_the_most_files_take_twelve_bytes_each()
    {
        NameHashes names = new();
        for (int i = 0; i < BundleLimits.MaxFiles; i++)
            Assert.True(names.Add(NameHashes.Of($"d/engine-{i}.ring")));
        Assert.InRange(names.SizeBytes, 0, 12L * BundleLimits.MaxFiles);
        Assert.True(names.Contains(NameHashes.Of("d/engine-7.ring")));
        Assert.False(names.Contains(NameHashes.Of("d/engine-x.ring")));
        Assert.False(names.Add(NameHashes.Of("d/engine-7.ring")));
        Assert.Equal(BundleLimits.MaxFiles, names.Count);
    }

    private static Parsed<BundleReceipt> Read(Stream text, ReceiptLimits? limits = null) =>
        ReceiptReader.Read(text, "r", limits ?? ReceiptLimits.Stored, static _ => { }, static () => []);

    private static MemoryStream TextOf(BundleReceipt receipt) => new(Encoding.UTF8.GetBytes(Receipts.Text(receipt)));
}
