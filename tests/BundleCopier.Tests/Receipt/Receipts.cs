using System.Buffers;
using System.Text;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Tests.Receipt;

/// <summary>Receipts for tests: one with every field in use.</summary>
internal static class Receipts
{
    public static readonly ReceiptFile Copied = new()
    {
        Source = "/dev/shm/engine.heap",
        Name = "engine.heap",
        Output = "files/engine.heap.lz4",
        Status = FileStatus.Copied,
        SizeBytes = 1073741824,
        DataBytes = 805306368,
        WrittenBytes = 203161600,
        Ranges = [new ByteRange(0, 1073741824)],
        Compression = OutputCompression.Lz4,
        Checksum = "xxh3-segments:0123456789abcdef",
        Io = OutputIo.DontCache,
        ReadMode = ReadMode.Slab,
        Stable = true,
        Process = [new ReceiptMapping(4711, "0x7f1c40000000", "rw-s", 4096, 1073737728)],
        MoreMappings = 7,
        SourceMetadata = new SourceMetadata
        {
            Mode = 0x180,
            Uid = 1000,
            Gid = uint.MaxValue,
            ModifiedAt = Time(1),
            ChangedAt = Time(2),
            Xattrs = new Dictionary<string, ReadOnlyMemory<byte>> { ["user.origin"] = new byte[] { 0, 255 } },
        },
        Core = new ReceiptCore(true, 1073741824, 11, 4711, "/usr/bin/engine"),
    };

    public static readonly ReceiptFile Failed = new()
    {
        Source = "/dev/shm/gone ü",
        Name = "gone ü",
        Status = FileStatus.Failed,
        SizeBytes = 0,
        DataBytes = 0,
        WrittenBytes = 0,
        Ranges = [],
        Compression = OutputCompression.None,
        Stable = false,
        Error = new ReceiptError("ENOENT", "is not there"),
    };

    public static readonly BundleReceipt Full = new()
    {
        Version = 1,
        Bundle = "node17",
        Status = BundleStatus.Partial,
        StartedAt = Time(5),
        FinishedAt = Time(6),
        DataBytes = 805306368,
        Labels = new Dictionary<string, string> { ["host"] = "node17" },
        Program = new ReceiptProgram("bundlecopy", "0.1.0", "0123456789abcdef0123456789abcdef01234567"),
        Host = new ReceiptHost("node17", "6.17.0", "0123456789abcdef0123456789abcdef"),
        Command = "bundlecopy copy --to /var/crash '/dev/shm/engine heap'",
        Facts =
        [
            new ReceiptFact("facts/4711/maps", 4096, "xxh3:0123456789abcdef", Cut: true),
            new ReceiptFact("facts/4711/stack", 0, Error: "EACCES"),
        ],
        Files = [Copied, Failed],
        Resources =
            new ReceiptResources
            {
                BudgetBytes = 33554432,
                PeakInFlightBytes = 8388608,
                PeakRssBytes = 29360128,
                DestinationCachedBytes = 4096,
                MajorFaults = 3,
                Seconds = 5.1
            },
        Bystanders = new ReceiptBystanders
        {
            MemoryStallMs = new ReceiptStall(1.5, 0),
            IoStallMs = new ReceiptStall(20, 10.25),
            DestinationCachedBytes = 4096,
            TmpfsGrowthBytes = -8192,
            DirtyPeakBytes = 53248,
            MemAvailableLowBytes = 1090519040,
            PeakRssBytes = 29360128,
            PageTablePeakBytes = 221184,
            MajorFaults = 3,
            Canary = new ReceiptCanary(
                new ReceiptProbe
                {
                    Before = new ReceiptLatencies(14, 1.1, 3.3, 3.4),
                    During = new ReceiptLatencies(96, 1.9, 4.3, 5.6)
                },
                new ReceiptProbe { Error = "EAGAIN" }),
        },
    };

    public static string Text(BundleReceipt receipt, bool indented = false)
    {
        ArrayBufferWriter<byte> to = new();
        ReceiptWriter.Write(to, receipt, indented);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private static DateTimeOffset Time(int second) => new(2026, 11, 22, 20, 14, second, 123, TimeSpan.Zero);
}
