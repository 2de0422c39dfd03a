using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Facts about processes in <c>facts/</c>.</summary>
public sealed class ProcessFactsTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void Facts_are_in_the_bundle_and_in_the_receipt_and_are_verified_and_restored()
    {
        using MemoryOwner owner = MemoryOwner.Start("all", ["env", "SECRET=hunter2"]);
        ReceiptView receipt = Copy(owner);
        Dictionary<string, JsonElement> facts =
            receipt.Root.GetProperty("facts").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        foreach (string name in (string[])[
            "status", "cmdline", "environ", "maps", "smaps_rollup", "limits", "cgroup", "mountinfo", "auxv", "exe",
            "cwd", "root", "fd", "coredump_filter"])
        {
            Assert.False(facts[$"facts/{owner.Pid}/{name}"].TryGetProperty("error", out _), name);
        }

        foreach (string name in (string[])["meminfo", "vmstat", "buddyinfo", "loadavg", "version", "boot-id"])
            Assert.False(facts[$"facts/machine/{name}"].TryGetProperty("error", out _), name);
        string status = File.ReadAllText(Fact(owner, "status"));
        Assert.Contains("memory_owner", status, StringComparison.Ordinal);
        Assert.Contains($"memfd:{owner.Name}", File.ReadAllText(Fact(owner, "maps")), StringComparison.Ordinal);
        Assert.Contains("0 -> pipe:[", File.ReadAllText(Fact(owner, "fd")), StringComparison.Ordinal);
        string environ = File.ReadAllText(Fact(owner, "environ"));
        Assert.Contains("SECRET\0", environ, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", environ, StringComparison.Ordinal);

        string restored = Path.Combine(place.Disk, "restored");
        Ended.With(0, Cli.Run("extract", place.BundlePath, restored));
        Same.Bytes(Fact(owner, "maps"), Path.Combine(restored, "facts", $"{owner.Pid}", "maps"));

        string changed = status.Replace("memory_owner", "memory_thief", StringComparison.Ordinal);
        File.WriteAllText(Fact(owner, "status"), changed);
        CliResult verified = place.Verify();
        Ended.With(5, verified);
        Ended.Says(verified, $"damaged: facts/{owner.Pid}/status");
        Ended.With(5, Cli.Run("extract", place.BundlePath, Path.Combine(place.Disk, "again")));
    }

    [KernelTheory(Needs.Root | Needs.Compiler)]
    [InlineData("full", true)]
    [InlineData("off", false)]
    public void A_setting_says_what_is_kept_of_the_environment(string setting, bool isKept)
    {
        using MemoryOwner owner = MemoryOwner.Start("all", ["env", "SECRET=hunter2"]);
        Copy(owner, "--config", place.Config($"bundle-copier.facts.environ = {setting}"));
        Assert.Equal(isKept, File.Exists(Fact(owner, "environ")));
        if (isKept)
            Assert.Contains("SECRET=hunter2\0", File.ReadAllText(Fact(owner, "environ")), StringComparison.Ordinal);
    }

    [KernelFact(Needs.Compiler)]
    public void A_bundle_without_a_process_has_no_facts()
    {
        SourceFile.Dense(place.Source("a"), 5000);
        ReceiptView receipt = Ended.Committed(0, place, place.Copy());
        Assert.False(receipt.Root.TryGetProperty("facts", out _));
        Assert.False(Directory.Exists(Path.Combine(place.BundlePath, "facts")));
    }

    private ReceiptView Copy(MemoryOwner owner, params string[] options) => Ended.Committed(
        0,
        place,
        Cli.Run(["--manifest", place.Manifest(new JsonObject { ["process"] = owner.Pid }), .. options]));

    private string Fact(MemoryOwner owner, string name) =>
        Path.Combine(place.BundlePath, "facts", $"{owner.Pid}", name);
}
