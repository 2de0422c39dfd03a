using System.Buffers;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Microbenchmarks;

/// <summary>Writing one file's entry of the receipt, by hand and with the serializer.</summary>
[MemoryDiagnoser]
public class ReceiptEntryBenchmark
{
    // One of 100,000 small files.
    private readonly ReceiptFile file = new()
    {
        Source = "/dev/shm/spool/file-0012345",
        Name = "spool/file-0012345",
        Output = "files/spool/file-0012345",
        Status = FileStatus.Copied,
        SizeBytes = 4096,
        DataBytes = 4096,
        WrittenBytes = 4096,
        Ranges = [new ByteRange(0, 4096)],
        Compression = OutputCompression.None,
        Checksum = "xxh3-segments:0123456789abcdef",
        Io = OutputIo.Direct,
        ReadMode = ReadMode.Slab,
        Stable = true,
        SourceMetadata = new SourceMetadata
        {
            Mode = 0x180,
            Uid = 1000,
            Gid = 1000,
            ModifiedAt = new DateTimeOffset(2026, 11, 22, 20, 14, 5, 123, TimeSpan.Zero),
            ChangedAt = new DateTimeOffset(2026, 11, 22, 20, 14, 6, 123, TimeSpan.Zero),
        },
    };

    private readonly ArrayBufferWriter<byte> text = new(4096);
    private Utf8JsonWriter writer = null!;

    [GlobalSetup]
    public void Begin()
    {
        writer = new Utf8JsonWriter(text, ReceiptJson.WriterOptions(indented: true));
        ByHand();
        string byHand = Encoding.UTF8.GetString(text.WrittenSpan);
        BySerializer();
        Same.OrThrow(byHand, Encoding.UTF8.GetString(text.WrittenSpan));
    }

    [GlobalCleanup]
    public void End() => writer.Dispose();

    [Benchmark(Description = "`ReceiptFileWriter`, by hand (kept)")]
    public int ByHand()
    {
        Restart();
        ReceiptFileWriter.Write(writer, file);
        writer.Flush();
        return text.WrittenCount;
    }

    [Benchmark(Description = "System.Text.Json's serializer, with generated metadata")]
    public int BySerializer()
    {
        Restart();
        JsonSerializer.Serialize(writer, file, ReceiptJson.Default.ReceiptFile);
        writer.Flush();
        return text.WrittenCount;
    }

    private void Restart()
    {
        text.ResetWrittenCount();
        writer.Reset();
    }
}
