using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Processes that really crash: the kernel starts bundlecopy core, and writes the core into it.</summary>
[Collection(nameof(CorePattern))]
public sealed class CrashTests : IDisposable
{
    private const string Arguments = "%P %u %g %s %t %h %e";
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.CorePattern | Needs.Gcore)]
    public void A_debugger_opens_the_core_of_a_process_with_many_threads()
    {
        string program = Compile();
        using CorePattern pattern = new($"|{Cli.Native} core --to {place.Destination} {Arguments}");
        using Process crash = Process.Start(program, ["64", "8"]);
        string bundle = AwaitBundles(1)[0];
        Assert.StartsWith($"crasher-{crash.Id}-", Path.GetFileName(bundle), StringComparison.Ordinal);
        JsonElement core = Receipt(bundle).GetProperty("files")[0].GetProperty("core");
        Assert.Equal(
            (true, 11, crash.Id, program),
            (core.GetProperty("whole").GetBoolean(), core.GetProperty("signal").GetInt32(),
                core.GetProperty("pid").GetInt32(), core.GetProperty("executable").GetString()));
        string restored = Path.Combine(place.Disk, "restored");
        Ended.With(0, Cli.Run("extract", bundle, restored));
        string told = Tool.Run(
            "gdb", "-batch", "-nx", "-ex", "print answer", "-ex", "print filled[1000000]", "-ex", "info threads",
            program, Path.Combine(restored, "core"));
        Assert.Contains("$1 = 4711", told, StringComparison.Ordinal);
        Assert.Contains("$2 = 90 'Z'", told, StringComparison.Ordinal);
        Assert.Equal(9, Regex.Count(told, "(?m)^[* ] [0-9]+ +Thread 0x"));
    }

    [KernelFact(Needs.CorePattern)]
    public void A_process_that_is_killed_in_mid_dump_leaves_a_partial_core()
    {
        string program = Compile();
        string config = place.Config("bundle-copier { budget = 2MiB, writer.max-rate = 30MiB }");
        // With all of it, the pattern would be too long.
        string helper = Path.Combine(place.Disk, "core.sh");
        File.WriteAllText(
            helper, $"#!/bin/sh\nexec {Cli.Native} core --config {config} --to {place.Destination} \"$@\"\n");
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using CorePattern pattern = new($"|{helper} {Arguments}");
        using Process crash = Process.Start(program, ["200", "1"]);
        Assert.True(
            SpinWait.SpinUntil(() => Directory.GetDirectories(place.Destination)
                .Any(static d => Kernel.AllocatedBytes(Path.Combine(d, "files", "core")) > 4 * MiB), Child.Patience),
            "The dump has not begun.");
        Kernel.Signal(crash.Id, Kernel.SigKill);
        string bundle = AwaitBundles(1)[0];
        Ended.With(0, Cli.Run("verify", bundle));
        JsonElement file = Receipt(bundle).GetProperty("files")[0];
        Assert.Equal(
            ("partial", "CORE_CUT", false),
            (file.GetProperty("status").GetString(), file.GetProperty("error").GetProperty("code").GetString(),
                file.GetProperty("core").GetProperty("whole").GetBoolean()));
        Assert.InRange(
            file.GetProperty("ranges")[0].GetProperty("length").GetInt64(), 4 * MiB, 199 * MiB);
        Assert.True(file.GetProperty("size").GetInt64() > 200 * MiB);
    }

    [KernelFact(Needs.CorePattern)]
    public void Twenty_crashes_at_once_are_twenty_bundles()
    {
        string program = Compile();
        using CorePattern pattern = new($"|{Cli.Native} core --to {place.Destination} {Arguments}");
        Process[] crashes = [.. Enumerable.Range(0, 20).Select(_ => Process.Start(program, ["1", "0"]))];
        string[] bundles = AwaitBundles(crashes.Length);
        foreach (Process crash in crashes)
        {
            string bundle = Assert.Single(
                bundles, b => Path.GetFileName(b).StartsWith($"crasher-{crash.Id}-", StringComparison.Ordinal));
            Assert.Equal("complete", Receipt(bundle).GetProperty("status").GetString());
            crash.Dispose();
        }
    }

    [KernelFact(Needs.CorePattern | Needs.LargeSource)]
    [Trait("Speed", "slow")]
    public void A_core_of_a_GiB_stays_within_the_budget_and_outside_of_the_page_cache()
    {
        string program = Compile();
        using CorePattern pattern = new($"|{Cli.Native} core --to {place.Destination} {Arguments}");
        using Process crash = Process.Start(program, ["1024", "0"]);
        JsonElement receipt = Receipt(AwaitBundles(1)[0]);
        JsonElement file = receipt.GetProperty("files")[0];
        Assert.True(file.GetProperty("core").GetProperty("whole").GetBoolean());
        Assert.True(file.GetProperty("writtenBytes").GetInt64() >= 1024 * MiB);
        JsonElement resources = receipt.GetProperty("resources");
        Assert.InRange(
            resources.GetProperty("peakInFlightBytes").GetInt64(),
            MiB,
            resources.GetProperty("budgetBytes").GetInt64());
        if (file.GetProperty("io").GetString() == "direct")
            Assert.InRange(resources.GetProperty("destinationCachedBytes").GetInt64(), 0, 4096);
    }

    private string Compile()
    {
        string program = Path.Combine(place.Disk, "crasher");
        string source = Path.Combine(Repository.Folder, "tests/BundleCopier.Tests/EndToEnd/c/crasher.c");
        Tool.Run("cc", "-g", "-O1", "-pthread", "-o", program, source);
        return program;
    }

    private string[] AwaitBundles(int count)
    {
        string[] bundles = [];
        Assert.True(
            SpinWait.SpinUntil(() =>
            {
                string[] names = [.. place.LeftInDestination];
                bundles = [.. names.Where(static n => n[0] != '.').Select(n => Path.Combine(place.Destination, n))];
                return bundles.Length == count && names.Length == count;
            }, Child.Patience),
            $"There are {bundles.Length} bundles of {count}: {string.Join(' ', place.LeftInDestination)}");
        return bundles;
    }

    private static JsonElement Receipt(string bundle) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(bundle, "receipt.json"))).RootElement;
}

/// <summary>Tests that set kernel.core_pattern run one at a time.</summary>
[CollectionDefinition(nameof(CorePattern))]
public sealed class CorePatternGroup;
