using System.Text;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Whatever a bundle holds that another user made, reading it back takes less than 64 MiB of memory.
/// </summary>
[Trait("Program", "native")]
public sealed class HostileBundleTests : IDisposable
{
    private const long LimitBytes = 64 << 20;
    private const long TextBytes = 64 << 20;

    private const string Head =
        "{\"version\":1,\"bundle\":\"b\",\"status\":\"complete\",\"startedAt\":\"2026-11-22T20:14:05Z\","
        + "\"finishedAt\":\"2026-11-22T20:14:06Z\",";

    private const string Tail =
        "\"resources\":{\"budgetBytes\":1,\"peakInFlightBytes\":1,\"peakRssBytes\":1,\"seconds\":1}}";

    private readonly Workspace place = new();

    public HostileBundleTests() => Directory.CreateDirectory(Path.Combine(place.BundlePath, "files"));

    private string Receipt => Path.Combine(place.BundlePath, "receipt.json");

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native | Needs.MemoryGroup)]
    public void A_receipt_of_1_GiB_of_NULs_is_refused()
    {
        using (FileStream file = File.Create(Receipt))
            file.SetLength(1 << 30);
        IsRefused();
    }

    [KernelFact(Needs.Native | Needs.MemoryGroup)]
    public void A_receipt_with_64_MiB_of_labels_is_refused()
    {
        Write(Head + "\"labels\":{", static i => $"\"label{i}\":\"\",", TextBytes);
        IsRefused();
    }

    [KernelFact(Needs.Native | Needs.MemoryGroup)]
    public void A_receipt_with_64_MiB_of_attributes_of_one_file_is_refused()
    {
        Write(
            Head + "\"labels\":{},\"files\":[{\"source\":\"/a\",\"sourceMetadata\":{\"xattrs\":{",
            static i => $"\"user.a{i}\":\"AA==\",",
            TextBytes);
        IsRefused();
    }

    [KernelFact(Needs.Native | Needs.MemoryGroup)]
    public void A_receipt_with_three_million_ranges_of_one_file_is_refused()
    {
        Write(
            Head + "\"labels\":{},\"files\":[{\"source\":\"/a\",\"ranges\":[",
            static i => $"{{\"offset\":{2 * i},\"length\":1}},",
            TextBytes);
        IsRefused();
    }

    // As large as our own receipts can be: many files, each with attributes, and some with many ranges.
    [KernelFact(Needs.Native | Needs.MemoryGroup)]
    public void A_receipt_of_200_000_files_with_attributes_and_ranges_is_read()
    {
        string many = string.Join(',', Enumerable.Range(0, 250_000).Select(static i => Range(4096L * 2 * i)));
        using (StreamWriter text = new(Receipt, append: false, new UTF8Encoding(false), 1 << 20))
        {
            text.Write(Head + "\"labels\":{\"a\":\"" + new string('x', 250_000) + "\"},\"files\":[");
            for (int i = 0; i < 200_000; i++)
                text.Write((i == 0 ? "" : ",") + Entry(i, i is 10 or 11 or 12 ? many : Range(0)));
            text.Write("]," + Tail);
        }

        using MemoryGroup group = new(LimitBytes);
        CliResult verified = Run(group, "verify", place.BundlePath);
        Ended.With(5, verified);
        Ended.Says(verified, "0 files intact, 200000 damaged");
        CliResult read = Run(group, "cat", place.BundlePath, "d/engine-199999.ring");
        Ended.With(5, read);
        string restored = Path.Combine(place.Disk, "restored");
        Ended.With(5, Run(group, "extract", place.BundlePath, restored, "d/engine-11.ring"));
        Assert.Equal(0, group.OomKills);
    }

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
        using MemoryGroup group = new(LimitBytes);
        foreach (string[] args in (string[][])
            [["verify", place.BundlePath], ["cat", place.BundlePath, "x"],
            ["extract", place.BundlePath, Path.Combine(place.Disk, "restored")]])
        {
            CliResult result = Run(group, args);
            Ended.With(5, result);
            Ended.Says(result, "receipt.json: ");
        }

        Assert.Equal(0, group.OomKills);
        Assert.False(Directory.Exists(Path.Combine(place.Disk, "restored")));
    }

    private static CliResult Run(MemoryGroup group, params string[] args) =>
        Cli.Start(args, before: group.Inside).Wait();
}
