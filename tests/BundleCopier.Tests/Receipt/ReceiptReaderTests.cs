using System.Text;
using System.Text.Json;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Receipt;

public sealed class ReceiptReaderTests
{
    private static readonly string Text = Receipts.Text(Receipts.Full, indented: true);

    [Fact]
    public void A_written_receipt_is_read_back_the_same()
    {
        Assert.Equal(Receipts.Text(Receipts.Full), Receipts.Text(Read(Text).Value!));
        Assert.Equal(Receipts.Text(Receipts.Full), Receipts.Text(Read("\uFEFF" + Text).Value!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void A_receipt_that_leaves_attributes_out_is_read_back_the_same(int? count)
    {
        SourceMetadata metadata =
            Receipts.Copied.SourceMetadata! with { XattrsOmitted = new OmittedXattrs(["user.large"], count) };
        string text = Receipts.Text(
            Receipts.Full with { Files = [Receipts.Copied with { SourceMetadata = metadata }, Receipts.Failed] });
        Assert.Equal(text, Receipts.Text(Read(text).Value!));
    }

    [Fact]
    public void A_receipt_of_an_older_version_without_bystanders_is_read() =>
        Assert.Null(Read(Receipts.Text(Receipts.Full with { Bystanders = null })).Value!.Bystanders);

    [Fact]
    public void A_field_that_was_added_later_is_skipped() =>
        Assert.True(
            Read(Text.Replace("\"version\": 1,", "\"version\": 1, \"later\": { \"a\": [1] },", StringComparison.Ordinal)
            .Replace("\"size\":", "\"later\": 2, \"size\":", StringComparison.Ordinal)).IsOk);

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "version")]
    [InlineData("\"version\": 1,", "", "")]
    [InlineData("\"bundle\": \"node17\"", "\"bundle\": \"../x\"", "bundle")]
    [InlineData("\"bundle\": \"node17\"", "\"bundle\": null", "bundle")]
    [InlineData("\"bundle\": \"node17\"", "\"bundle\": \"a\", \"bundle\": \"b\"", "bundle")]
    [InlineData("\"status\": \"partial\"", "\"status\": \"done\"", "status")]
    [InlineData("\"status\": \"partial\"", "\"status\": 1", "status")]
    [InlineData("\"startedAt\": \"2026-11-22T20:14:05.123Z\"", "\"startedAt\": \"yesterday\"", "startedAt")]
    [InlineData("\"host\": \"node17\"", "\"host\": null", "labels.host")]
    [InlineData("files/engine.heap.lz4", "files/../../etc/passwd", "files[0].output")]
    [InlineData("files/engine.heap.lz4", "/etc/passwd", "files[0].output")]
    [InlineData("files/engine.heap.lz4", "receipt.json", "files[0].output")]
    [InlineData("files/engine.heap.lz4", "files/other.lz4", "files[0].output")]
    [InlineData("files/engine.heap.lz4", "files/engine.heap", "files[0].output")]
    [InlineData("\"output\": \"files/engine.heap.lz4\",", "", "files[0].output")]
    [InlineData("\"status\": \"copied\"", "\"status\": \"failed\"", "files[0].output")]
    [InlineData("\"size\": 1073741824", "\"size\": -1", "files[0].size")]
    [InlineData("\"size\": 1073741824", "\"size\": 5", "files[0].ranges[0].length")]
    [InlineData("\"dataBytes\": 805306368", "\"dataBytes\": -5", "files[0].dataBytes")]
    [InlineData("\"writtenBytes\": 203161600", "\"writtenBytes\": 1.5", "files[0].writtenBytes")]
    [InlineData("\"offset\": 0", "\"offset\": -1", "files[0].ranges[0].offset")]
    [InlineData("\"offset\": 0,", "", "files[0].ranges[0]")]
    [InlineData("\"length\": 1073741824", "\"length\": 0", "files[0].ranges[0].length")]
    [InlineData("\"length\": 1073741824", "\"length\": 9223372036854775807", "files[0].ranges[0].length")]
    [InlineData("xxh3-segments:0123456789abcdef", "0123456789abcdef", "files[0].checksum")]
    [InlineData("\"io\":", "\"segmentChecksumsOffset\": 0, \"io\":", "files[0].segmentChecksumsOffset")]
    [InlineData("\"mode\": \"0600\"", "\"mode\": \"0888\"", "files[0].sourceMetadata.mode")]
    [InlineData("\"mode\": \"0600\"", "\"mode\": \"77777777777777\"", "files[0].sourceMetadata.mode")]
    [InlineData("\"AP8=\"", "\"?\"", "files[0].sourceMetadata.xattrs['user.origin']")]
    [InlineData("\"code\": \"ENOENT\",", "", "files[1].error")]
    [InlineData("\"seconds\": 5.1", "\"seconds\": -1", "resources.seconds")]
    [InlineData("\"seconds\": 5.1", "\"seconds\": 1e999", "resources.seconds")]
    [InlineData("\"budgetBytes\": 33554432", "\"budgetBytes\": \"32MiB\"", "resources.budgetBytes")]
    [InlineData("\"dirtyPeakBytes\": 53248", "\"dirtyPeakBytes\": -1", "bystanders.dirtyPeakBytes")]
    [InlineData("\"pageTablePeakBytes\": 221184,", "", "bystanders")]
    [InlineData("\"some\": 20", "\"some\": 1e999", "bystanders.ioStallMs.some")]
    [InlineData("\"count\": 96", "\"count\": -96", "bystanders.canary.write.during.count")]
    [InlineData("\"p99Ms\": 4.3,", "", "bystanders.canary.write.during")]
    [InlineData("\"error\": \"EAGAIN\"", "\"error\": 11", "bystanders.canary.forkExec.error")]
    public void A_damaged_field_is_refused_by_name(string was, string becomes, string field)
    {
        Assert.Contains(was, Text, StringComparison.Ordinal);
        Parsed<BundleReceipt> read = Read(Text.Replace(was, becomes, StringComparison.Ordinal));
        Assert.False(read.IsOk);
        Assert.Equal(field, read.Error.Field);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("..")]
    public void An_output_that_leaves_the_bundle_is_refused_even_when_the_name_agrees(string name) => Assert.Equal(
        "files[0].output",
        Read(Receipts.Text(
            Receipts.Full with
            {
                Files =
            [Receipts.Copied with { Name = name, Output = $"files/{name}", Compression = OutputCompression.None }]
            }))
            .Error!.Field);

    [Fact]
    public void Two_files_of_one_name_are_refused() =>
        Assert.Equal(
            "files[1].name", Read(Receipts.Text(Receipts.Full with { Files = [Receipts.Copied, Receipts.Copied] }))
            .Error!.Field);

    [Fact]
    public void Missing_files_may_share_a_name() =>
        Assert.True(Read(Receipts.Text(Receipts.Full with { Files = [Receipts.Failed, Receipts.Failed] })).IsOk);

    [Fact]
    public void Ranges_out_of_order_or_overlapping_are_refused() => Assert.Equal(
        "files[0].ranges[1].offset",
        Read(Receipts.Text(
            Receipts.Full with { Files = [Receipts.Copied with { Ranges = [new(10, 10), new(15, 10)] }] }))
            .Error!.Field);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"version\":")]
    public void Text_that_is_no_receipt_is_an_error_and_no_exception(string text) => Assert.False(Read(text).IsOk);

    [Fact]
    public void A_receipt_cut_short_at_any_byte_is_an_error_and_no_exception()
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(Text);
        Assert.All(Enumerable.Range(0, utf8.Length), length => Assert.False(Read(utf8[..length]).IsOk));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void A_mutated_receipt_never_throws()
    {
        byte[] seed = Encoding.UTF8.GetBytes(Text);
        byte[][] fragments =
            [.. ((string[])["{", "}", "]", "\"", "null", "-1", "1e999", "\\ud800", "..", "/", "9223372036854775807",
            "\u0000"]).Select(Encoding.UTF8.GetBytes), [0xFF], [0xC0, 0x80]];
        Gen.Select(
            Gen.Int[0, seed.Length], Gen.Int[0, 5], Gen.OneOf(
            Gen.Int[0, fragments.Length - 1].Select(i => fragments[i]), Gen.Byte.Array[0, 4])).Array[1, 4].Sample(
            edits =>
            {
                List<byte> text = [.. seed];
                foreach ((int at, int removed, byte[] added) in edits)
                {
                    int from = Math.Min(at, text.Count);
                    text.RemoveRange(from, Math.Min(removed, text.Count - from));
                    text.InsertRange(from, added);
                }
                byte[] utf8 = [.. text];
                Parsed<BundleReceipt> read = Read(utf8);
                // The serializer on the whole text and the reader on small pieces give the same receipt, or none.
                Assert.Equal(read.IsOk, ReadSlowly(utf8).IsOk);
                BundleReceipt? whole = ReadWhole(utf8);
                return read.IsOk ? Receipts.Text(read.Value) == Receipts.Text(whole!)
                    : !read.ToString().Any(char.IsControl);
            },
            iter: 10_000);
    }

    [Theory]
    [InlineData("\"name\": \"engine.heap\"", "\"name\": 7")]
    [InlineData("\"code\": \"ENOENT\"", "\"code\": [}")]
    [InlineData("\"budgetBytes\": 33554432", "\"budgetBytes\": \"32MiB\"")]
    [InlineData("\"seconds\": 5.1", "\"seconds\": 5.1.")]
    [InlineData("\"status\": \"partial\"", "\"status\": \"half\"")]
    public void The_place_of_damage_is_line_and_column_as_in_an_editor(string was, string becomes)
    {
        string text = Text.Replace(was, becomes, StringComparison.Ordinal);
        int line = text[..text.IndexOf(becomes, StringComparison.Ordinal)].Count(static c => c == '\n') + 1;
        Assert.Contains($"(line {line}, column ", Read(text).Error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_place_of_damage_after_the_files_is_right_in_a_receipt_of_one_line()
    {
        string text = Receipts.Text(Receipts.Full)
            .Replace("\"budgetBytes\":33554432", "\"budgetBytes\":\"32MiB\"", StringComparison.Ordinal);
        int column = Encoding.UTF8.GetByteCount(text[..text.IndexOf("\"32MiB\"", StringComparison.Ordinal)])
            + "\"32MiB\"".Length + 1;
        Assert.Contains($"(line 1, column {column})", Read(text).Error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_receipt_that_comes_in_small_pieces_is_read_the_same()
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(Text);
        Assert.Equal(Receipts.Text(Receipts.Full), Receipts.Text(ReadSlowly(utf8).Value!));
    }

    [Fact]
    public void An_entry_that_is_larger_than_any_buffer_is_read()
    {
        ReceiptFile large =
            Receipts.Copied with
            {
                Ranges =
            [.. Enumerable.Range(0, 100_000).Select(static i => new ByteRange(2 * i, 1))]
            };
        BundleReceipt receipt = Receipts.Full with { Files = [large, Receipts.Failed] };
        Assert.Equal(Receipts.Text(receipt), Receipts.Text(Read(Receipts.Text(receipt)).Value!));
    }

    [Fact]
    public void A_later_version_is_reported_even_if_its_files_cannot_be_read() => Assert.Equal(
        "version",
        Read(Text.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal)
            .Replace("\"source\":", "\"from\":", StringComparison.Ordinal)).Error!.Field);

    [Fact]
    public void Two_lists_of_files_are_refused() => Assert.Equal(
        "files",
        Read(Text.Replace("\"resources\":", "\"files\": [], \"resources\":", StringComparison.Ordinal)).Error!.Field);

    [Fact]
    public void The_files_of_a_long_receipt_are_not_held()
    {
        ReceiptFile[] files =
            [.. Enumerable.Range(0, 20_000).Select(static i => Receipts.Failed with { Name = $"{i}" })];
        using MemoryStream text = new(Encoding.UTF8.GetBytes(Receipts.Text(Receipts.Full with { Files = files })));
        List<WeakReference> read = [];
        Assert.True(
            ReceiptReader.Read(
                text, "r", ReceiptLimits.Stored, file => read.Add(new WeakReference(file)), static () => []).IsOk);
        GC.Collect();
        Assert.Equal(files.Length, read.Count);
        Assert.InRange(read.Count(static r => r.IsAlive), 0, 10);
    }

    private static Parsed<BundleReceipt> Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static Parsed<BundleReceipt> Read(byte[] utf8) => ReceiptReader.Read(new MemoryStream(utf8), "r");

    private static Parsed<BundleReceipt> ReadSlowly(byte[] utf8) => ReceiptReader.Read(new SlowStream(utf8), "r");

    // Null where the serializer refuses it. A receipt that it accepts can still break a rule.
    private static BundleReceipt? ReadWhole(byte[] utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, ReceiptJson.Default.BundleReceipt);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns one to seven bytes for each read.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) =>
            base.Read(buffer[..Math.Min(buffer.Length, 1 + (int)(Position % 7))]);
    }
}
