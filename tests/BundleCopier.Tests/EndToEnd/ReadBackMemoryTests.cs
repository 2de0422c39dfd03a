using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Reading a bundle back needs little memory for any number of files; with too little memory a message says so.
/// </summary>
[Trait("Program", "native")]
public sealed class ReadBackMemoryTests : IDisposable
{
    private const int Files = 150_000;
    private const long LimitBytes = 48 << 20;

    private readonly Workspace place = new();

    public ReadBackMemoryTests()
    {
        File.WriteAllText(place.Source("first"), "first");
        Ended.With(0, place.Copy());
    }

    public void Dispose() => place.Dispose();

    // Only the receipt is long: all files but one are missing in the bundle's directory.
    [KernelFact(Needs.Native | Needs.MemoryGroup)]
    public void A_bundle_of_150_000_files_is_read_back_within_48_MiB()
    {
        string path = Path.Combine(place.BundlePath, "receipt.json");
        JsonObject receipt = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        JsonArray files = receipt["files"]!.AsArray();
        for (int i = 1; i < Files; i++)
        {
            files.Add(new JsonObject
            {
                ["source"] = $"/dev/shm/engine-{i}.ring",
                ["name"] = $"engine-{i}.ring",
                ["output"] = $"files/engine-{i}.ring",
                ["status"] = "copied",
                ["size"] = 0,
                ["dataBytes"] = 0,
                ["writtenBytes"] = 0,
                ["ranges"] = new JsonArray(),
                ["compression"] = "none",
                ["stable"] = true,
            });
        }

        File.WriteAllText(path, receipt.ToJsonString());
        using MemoryGroup group = new(LimitBytes);
        CliResult verified = Cli.Start(["verify", place.BundlePath], before: group.Inside).Wait();
        Ended.With(5, verified);
        Ended.Says(verified, $"1 file intact, {Files - 1} damaged");
        Assert.Equal(
            new CliResult(0, "first", ""), Cli.Start(["cat", place.BundlePath, "first"], before: group.Inside).Wait());
        CliResult extracted =
            Cli.Start(
            ["extract", place.BundlePath, Path.Combine(place.Disk, "restored"), "first"], before: group.Inside).Wait();
        Ended.With(0, extracted);
        Assert.Equal(0, group.OomKills);
    }

    // With less than about 12 MiB the runtime itself does not start, with more than about 40 MiB there is enough.
    [KernelFact(Needs.Native)]
    public void Too_little_memory_is_reported_as_such()
    {
        int told = 0;
        for (int limitKiB = 12_000; limitKiB <= 40_000; limitKiB += 1_000)
        {
            string[] limited = ["sh", "-c", $"ulimit -d {limitKiB}; exec \"$@\"", "sh"];
            CliResult result = Cli.Start(["verify", place.BundlePath], before: limited).Wait();
            Assert.DoesNotContain("report it", result.Errors, StringComparison.Ordinal);
            if (!result.Errors.Contains("not enough memory", StringComparison.Ordinal))
                continue;
            told++;
            Ended.With(4, result);
        }

        Assert.NotEqual(0, told);
    }
}
