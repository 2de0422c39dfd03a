using System.Text.Json;
using BundleCopier.Model;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Receipt;

public sealed class ReceiptWriterTests
{
    [Fact]
    public void A_receipt_is_exactly_this_text() => Assert.Equal(
        """
        {"version":1,"bundle":"node17","status":"partial","startedAt":"2026-11-22T20:14:05.123Z",
        "finishedAt":"2026-11-22T20:14:06.123Z","dataBytes":805306368,"labels":{"host":"node17"},
        "program":{"name":"bundlecopy","version":"0.1.0","commit":"0123456789abcdef0123456789abcdef01234567"},
        "host":{"name":"node17","kernel":"6.17.0","bootId":"0123456789abcdef0123456789abcdef"},
        "command":"bundlecopy copy --to /var/crash '/dev/shm/engine heap'",
        "facts":[{"name":"facts/4711/maps","bytes":4096,"checksum":"xxh3:0123456789abcdef","cut":true},
        {"name":"facts/4711/stack","bytes":0,"error":"EACCES"}],"files":[
        {"source":"/dev/shm/engine.heap","name":"engine.heap","output":"files/engine.heap.lz4",
        "status":"copied","size":1073741824,"dataBytes":805306368,"writtenBytes":203161600,
        "ranges":[{"offset":0,"length":1073741824}],"compression":"lz4","checksum":"xxh3-segments:0123456789abcdef",
        "io":"dontcache","travel":"slab","stable":true,
        "process":[{"pid":4711,"address":"0x7f1c40000000","protection":"rw-s","offset":4096,"length":1073737728}],
        "moreMappings":7,
        "sourceMetadata":{"mode":"0600","uid":1000,"gid":4294967295,
        "modifiedAt":"2026-11-22T20:14:01.123Z","changedAt":"2026-11-22T20:14:02.123Z",
        "xattrs":{"user.origin":"AP8="}},
        "core":{"whole":true,"expectedBytes":1073741824,"signal":11,"pid":4711,"executable":"/usr/bin/engine"}},
        {"source":"/dev/shm/gone ü","name":"gone ü","status":"failed","size":0,"dataBytes":0,"writtenBytes":0,
        "ranges":[],"compression":"none","stable":false,"error":{"code":"ENOENT","message":"is not there"}}],
        "resources":{"budgetBytes":33554432,"peakInFlightBytes":8388608,"peakRssBytes":29360128,
        "destinationCachedBytes":4096,"majorFaults":3,"seconds":5.1},
        "bystanders":{"memoryStallMs":{"some":1.5,"full":0},"ioStallMs":{"some":20,"full":10.25},
        "destinationCachedBytes":4096,"tmpfsGrowthBytes":-8192,
        "dirtyPeakBytes":53248,"memAvailableLowBytes":1090519040,"peakRssBytes":29360128,
        "pageTablePeakBytes":221184,"majorFaults":3,
        "canary":{"write":{"before":{"count":14,"p50Ms":1.1,"p99Ms":3.3,"maxMs":3.4},
        "during":{"count":96,"p50Ms":1.9,"p99Ms":4.3,"maxMs":5.6}},"forkExec":{"error":"EAGAIN"}}}}
        """.Replace("\n", "", StringComparison.Ordinal),
        Receipts.Text(Receipts.Full));

    [Fact]
    public void Writing_file_by_file_gives_the_same_as_serialising_the_whole()
    {
        string whole = JsonSerializer.Serialize(Receipts.Full, ReceiptJson.Default.BundleReceipt);
        Assert.True(
            JsonElement.DeepEquals(
            JsonDocument.Parse(whole).RootElement, JsonDocument.Parse(Receipts.Text(Receipts.Full)).RootElement));
        Assert.Equal(
            JsonDocument.Parse(whole).RootElement.EnumerateObject().Select(p => p.Name),
            JsonDocument.Parse(Receipts.Text(Receipts.Full)).RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Every_entry_is_written_as_the_serializer_writes_it()
    {
        foreach (ReceiptFile file in Variants())
        {
            string whole = JsonSerializer.Serialize(file, ReceiptJson.Default.ReceiptFile);
            using JsonDocument written = JsonDocument.Parse(Receipts.Text(Receipts.Full with { Files = [file] }));
            JsonElement entry = written.RootElement.GetProperty("files")[0];
            using JsonDocument expected = JsonDocument.Parse(whole);
            Assert.True(JsonElement.DeepEquals(expected.RootElement, entry), $"{whole}\n{entry}");
            Assert.Equal(Names(expected.RootElement), Names(entry));
        }
    }

    [Fact]
    public void A_receipt_without_bystanders_is_written_without_them() =>
        Assert.DoesNotContain(
            "bystanders", Receipts.Text(Receipts.Full with { Bystanders = null }), StringComparison.Ordinal);

    [Fact]
    public void Indented_text_has_many_lines_and_other_text_has_one()
    {
        Assert.Contains(
            "\n  \"bundle\": \"node17\",\n", Receipts.Text(Receipts.Full, indented: true), StringComparison.Ordinal);
        BundleReceipt withBreaks =
            Receipts.Full with { Files = [Receipts.Failed with { Source = "/a\nb\u2028\u001b" }] };
        Assert.DoesNotContain(Receipts.Text(withBreaks), char.IsControl);
    }

    [Fact]
    public void Times_of_other_zones_are_written_in_UTC_and_fractions_cut_to_milliseconds() => Assert.Contains(
        "\"startedAt\":\"2026-01-01T23:00:00.001Z\"",
        Receipts.Text(
            Receipts.Full with { StartedAt = new DateTimeOffset(2026, 1, 2, 0, 0, 0, 1, 999, TimeSpan.FromHours(1)) }),
        StringComparison.Ordinal);

    [Fact]
    [Trait("Speed", "slow")]
    public void A_hundred_thousand_files_go_out_in_pieces()
    {
        LargestWrite to = new();
        ReceiptWriter.Write(
            to, ReceiptWriter.HeaderOf(Receipts.Full), Enumerable.Range(0, 100_000)
            .Select(i =>
            Receipts.Copied with
            {
                Name = $"{i}",
                Output = $"files/{i}.lz4"
            }), Receipts.Full.Resources, Receipts.Full.Bystanders, indented: true);
        Assert.True(to.Total > 50_000_000);
        Assert.True(to.Largest < 128 * 1024, $"{to.Largest}");
    }

    private static IEnumerable<ReceiptFile> Variants()
    {
        SourceMetadata metadata = Receipts.Copied.SourceMetadata!;
        yield return Receipts.Copied with { Ranges = [new(0, 4096), new(8192, long.MaxValue - 8192)], Stable = false };
        yield return Receipts.Copied with { SourceMetadata = null, Source = "/a\"\\\n\u2028ü", Name = "<&+'>" };
        yield return Receipts.Copied with
        {
            SourceMetadata =
            metadata with
            {
                Xattrs = null,
                Mode = 0xFFF,
                ModifiedAt = DateTimeOffset.MinValue,
                ChangedAt = DateTimeOffset.MaxValue
            }
        };
        yield return Receipts.Copied with
        {
            SourceMetadata =
            metadata with
            {
                Mode = 7,
                ModifiedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(5))
            }
        };
        yield return Receipts.Copied with { SegmentChecksumsOffset = 0 };
        yield return Receipts.Copied with { SegmentChecksumsOffset = 17_592_186_040_320 };
        foreach (FileStatus status in Enum.GetValues<FileStatus>())
            yield return Receipts.Failed with { Status = status };
        foreach (OutputIo io in Enum.GetValues<OutputIo>())
            yield return Receipts.Copied with { Io = io };
        foreach (ReadMode travel in Enum.GetValues<ReadMode>())
            yield return Receipts.Copied with { ReadMode = travel, Compression = OutputCompression.None };
    }

    private static IEnumerable<string> Names(JsonElement entry) => entry.EnumerateObject().Select(static p => p.Name);

    private sealed class LargestWrite : MemoryStream
    {
        public int Largest { get; private set; }

        public long Total { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Largest = Math.Max(Largest, buffer.Length);
            Total += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
