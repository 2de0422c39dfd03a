using System.Globalization;
using System.IO.Hashing;
using System.Text;
using BundleCopier.Tests.Restore;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Whatever a bundle holds that another user made, reading it back takes less than 64 MiB of memory, without any limit
/// from outside.
/// </summary>
[Trait("Program", "native")]
public sealed class HostileBundleTests : IDisposable
{
    private const long LimitBytes = 64 << 20;
    private const long TextBytes = 64 << 20;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private const string Head =
        "{\"version\":1,\"bundle\":\"b\",\"status\":\"complete\",\"startedAt\":\"2026-11-22T20:14:05Z\","
        + "\"finishedAt\":\"2026-11-22T20:14:06Z\",";

    private const string Tail =
        "\"resources\":{\"budgetBytes\":1,\"peakInFlightBytes\":1,\"peakRssBytes\":1,\"seconds\":1}}";

    private readonly Workspace place = new();

    public HostileBundleTests() => Directory.CreateDirectory(Path.Combine(place.BundlePath, "files"));

    private string Receipt => Path.Combine(place.BundlePath, "receipt.json");

    private string Restored => Path.Combine(place.Disk, "restored");

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native | Needs.Compiler)]
    public void A_receipt_of_1_GiB_of_NULs_is_refused()
    {
        using (FileStream file = File.Create(Receipt))
            file.SetLength(1 << 30);
        IsRefused();
    }

    [KernelFact(Needs.Native | Needs.Compiler)]
    public void A_receipt_with_64_MiB_of_labels_is_refused()
    {
        Write(Head + "\"labels\":{", static i => $"\"label{i}\":\"\",", TextBytes);
        IsRefused();
    }

    [KernelFact(Needs.Native | Needs.Compiler)]
    public void A_receipt_with_64_MiB_of_attributes_of_one_file_is_refused()
    {
        Write(
            Head + "\"labels\":{},\"files\":[{\"source\":\"/a\",\"sourceMetadata\":{\"xattrs\":{",
            static i => $"\"user.a{i}\":\"AA==\",",
            TextBytes);
        IsRefused();
    }

    [KernelFact(Needs.Native | Needs.Compiler)]
    public void A_receipt_with_three_million_ranges_of_one_file_is_refused()
    {
        Write(
            Head + "\"labels\":{},\"files\":[{\"source\":\"/a\",\"ranges\":[",
            static i => $"{{\"offset\":{2 * i},\"length\":1}},",
            TextBytes);
        IsRefused();
    }

    // As large as our own receipts can be: many files, each with attributes, and some with many ranges.
    [KernelFact(Needs.Native | Needs.Compiler)]
    public void A_receipt_of_200_000_files_with_attributes_and_ranges_is_read()
    {
        string many = string.Join(',', Enumerable.Range(0, 120_000).Select(static i => Range(4096L * 2 * i)));
        using (StreamWriter text = new(Receipt, append: false, new UTF8Encoding(false), 1 << 20))
        {
            text.Write(Head + "\"labels\":{\"a\":\"" + new string('x', 250_000) + "\"},\"files\":[");
            for (int i = 0; i < 200_000; i++)
                text.Write((i == 0 ? "" : ",") + Entry(i, i is 10 or 11 or 12 ? many : Range(0)));
            text.Write("]," + Tail);
        }

        CliResult verified = Run("verify", place.BundlePath);
        Ended.With(5, verified);
        Ended.Says(verified, "0 files intact, 200000 damaged");
        CliResult read = Run("cat", place.BundlePath, "d/engine-199999.ring");
        Ended.With(5, read);
        Ended.With(5, Run("extract", place.BundlePath, Restored, "d/engine-11.ring"));
    }

    [KernelFact(Needs.Native | Needs.Compiler)]
    public void A_receipt_in_which_everything_is_as_large_as_it_may_be_is_read()
    {
        string many = string.Join(',', Enumerable.Range(0, 131_000).Select(static i => Range(4096L * 2 * i)));
        using (StreamWriter text = new(Receipt, append: false, new UTF8Encoding(false), 1 << 20))
        {
            text.Write(Head + "\"labels\":{");
            for (int i = 0; i < 65_535; i++)
                text.Write($"\"{i}\":\"\",");
            text.Write("\"a\":\"" + new string('x', 2_000_000) + "\"},\"durability\":[");
            for (int i = 0; i < 200_000; i++)
                text.Write("\"a\",");
            text.Write("\"a\"],\"files\":[");
            for (int i = 0; i < 300_000; i++)
                text.Write((i == 0 ? "" : ",") + Entry(i, i is 10 or 11 ? many : Range(0)));
            text.Write("]," + Tail);
        }

        Ended.With(2, Run("cat", place.BundlePath, "none"));
    }

    [KernelFact(Needs.Native | Needs.Compiler)]
    public void Raw_files_with_a_million_hashes_each_are_checked()
    {
        const int Count = 1 << 20;
        const long SizeBytes = (long)Count << 20;
        byte[] record = new byte[16 * (Count + 1)];
        "BCSUMS1\0"u8.CopyTo(record);
        BitConverter.TryWriteBytes(record.AsSpan(8), (long)Count);
        for (int i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(record.AsSpan(16 * (i + 1)), (long)i);
            BitConverter.TryWriteBytes(record.AsSpan((16 * (i + 1)) + 8), ((ulong)i + 1) * 0x9E37_79B9_7F4A_7C15);
        }

        XxHash3 hash = new();
        hash.Append(record.AsSpan(16));
        hash.Append(BitConverter.GetBytes(SizeBytes));
        File.WriteAllBytes(Path.Combine(place.BundlePath, "checksums"), record);
        string[] names = ["r0", "r1", "r2", "r3"];
        foreach (string name in names)
        {
            using FileStream file = File.Create(place.Output(name));
            file.SetLength(SizeBytes);
        }

        WriteReceipt(names.Select(name =>
            FileEntry(name, $"files/{name}", "none", SizeBytes, $"xxh3-segments:{hash.GetCurrentHashAsUInt64():x16}")
            + ",\"segmentChecksumsOffset\":0"));
        CliResult read = Run("cat", place.BundlePath, "r1", "--offset", (SizeBytes - 5).ToString(Invariant));
        Ended.With(5, read);
        Ended.Says(read, "The segment does not match its checksum");
        Ended.With(5, Run("extract", place.BundlePath, Restored));
        Assert.Empty(Directory.GetFileSystemEntries(Restored));
    }

    // What another user makes, and root reads.
    [KernelTheory(Needs.Native | Needs.Compiler | Needs.Nobody)]
    [InlineData("a frame that claims 4 EiB")]
    [InlineData("a block that becomes larger than its frame")]
    [InlineData("a stream of the stock program")]
    public void A_compressed_file_that_becomes_huge_is_damaged(string bomb)
    {
        byte[] stream = ReferenceEncoder.Encode(new byte[] { 1 });
        // Over and over one byte, for 255 MiB: a literal, then a match of that length.
        byte[] long1 = [0x1F, (byte)'x', 1, 0, .. Enumerable.Repeat((byte)0xFF, 1 << 20), 0];
        byte[] file = bomb[2] switch
        {
            'f' => Patched(stream),
            'b' => Framed(0x60, 1 << 20, long1),
            _ => Framed(0x70, 255L << 20, long1),
        };
        File.WriteAllBytes(place.Output("x.lz4"), file);
        WriteReceipt([FileEntry("x", "files/x.lz4", "lz4", 255L << 20, "xxh3-segments:0123456789abcdef")]);
        Tool.Run("chown", "-R", "65534:65534", place.BundlePath);
        Ended.With(5, Run("verify", place.BundlePath));
        Ended.With(5, Run("extract", place.BundlePath, Restored));
        CliResult read = Run("cat", place.BundlePath, "x");
        Ended.With(5, read);
        Assert.Equal("", read.Output);
        Assert.Empty(Directory.GetFileSystemEntries(Restored));
    }

    // The content size is at 6, the hash of the header at 14 (lz4_Frame_format.md). The first frame starts the file.
    private static byte[] Patched(byte[] stream)
    {
        BitConverter.TryWriteBytes(stream.AsSpan(6), 1L << 62);
        stream[14] = (byte)(XxHash32.HashToUInt32(stream.AsSpan(4, 10)) >> 8);
        return stream;
    }

    private static byte[] Framed(byte descriptor, long contentBytes, byte[] block)
    {
        byte[] header = [4, 0x22, 0x4D, 0x18, 0x6C, descriptor, .. BitConverter.GetBytes(contentBytes), 0];
        header[14] = (byte)(XxHash32.HashToUInt32(header.AsSpan(4, 10)) >> 8);
        byte[] frame = [.. header, .. BitConverter.GetBytes(block.Length), .. block, 0, 0, 0, 0, 1, 2, 3, 4];
        return [.. frame, .. ReferenceEncoder.SeekTable(
            [(0, (uint)frame.Length, 0, XxHash3.HashToUInt64(frame))], contentBytes, frame.Length)];
    }

    private static string FileEntry(string name, string output, string compression, long sizeBytes, string checksum) =>
        $"\"source\":\"/s\",\"name\":\"{name}\",\"output\":\"{output}\",\"status\":\"copied\",\"size\":{sizeBytes},"
        + $"\"dataBytes\":4096,\"writtenBytes\":4096,\"ranges\":[{{\"offset\":0,\"length\":{sizeBytes}}}],"
        + $"\"compression\":\"{compression}\",\"checksum\":\"{checksum}\",\"stable\":true";

    private void WriteReceipt(IEnumerable<string> files) => File.WriteAllText(
        Receipt, Head + "\"labels\":{},\"files\":[{" + string.Join("},{", files) + "}]," + Tail);

    private static string Range(long offset) => $"{{\"offset\":{offset},\"length\":4096}}";

    private static string Entry(int i, string ranges) =>
        $"{{\"source\":\"/dev/shm/engine-{i}.ring\",\"name\":\"d/engine-{i}.ring\","
        + $"\"output\":\"files/d/engine-{i}.ring\",\"status\":\"copied\",\"size\":1099511627776,\"dataBytes\":4096,"
        + $"\"writtenBytes\":4096,\"ranges\":[{ranges}],\"compression\":\"none\","
        + "\"checksum\":\"xxh3-segments:0123456789abcdef\",\"stable\":true,\"sourceMetadata\":{\"mode\":\"0600\","
        + "\"uid\":0,\"gid\":0,\"modifiedAt\":\"2026-11-22T20:14:05.123Z\",\"changedAt\":\"2026-11-22T20:14:05.123Z\","
        + "\"xattrs\":{\"security.selinux\":\"c3lzdGVtX3U6b2JqZWN0X3I6dG1wZnNfdDpzMA==\"}}}";

    private void Write(string beginning, Func<int, string> piece, long sizeBytes)
    {
        using StreamWriter text = new(Receipt, append: false, new UTF8Encoding(false), 1 << 20);
        text.Write(beginning);
        long written = beginning.Length;
        for (int i = 0; written < sizeBytes; i++)
        {
            string next = piece(i);
            written += next.Length;
            text.Write(next);
        }
    }

    private void IsRefused()
    {
        foreach (string[] args in (string[][])
            [["verify", place.BundlePath], ["cat", place.BundlePath, "x"], ["extract", place.BundlePath, Restored]])
        {
            CliResult result = Run(args);
            Ended.With(5, result);
            Ended.Says(result, "receipt.json: ");
        }

        Assert.False(Directory.Exists(Restored));
    }

    private CliResult Run(params string[] args) => PeakMemory.Run(place, LimitBytes, args);
}
