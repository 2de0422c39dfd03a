using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The receipt says how the copy affected other programs on the machine.</summary>
public sealed class BystanderTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Every_receipt_has_the_bystanders_figures_and_by_default_no_canary()
    {
        SourceFile.Dense(place.Source("heap"), 32 * MiB);
        CliResult result = place.Copy();
        ReceiptView receipt = Ended.Committed(0, place, result);
        SchemaCheck.IsReceipt(receipt.Root);
        JsonElement felt = receipt.Root.GetProperty("bystanders");
        foreach (string same in new[] { "peakRssBytes", "majorFaults", "destinationCachedBytes" })
            Assert.Equal(receipt.Resources.GetProperty(same).GetInt64(), felt.GetProperty(same).GetInt64());
        Assert.InRange(
            felt.GetProperty("pageTablePeakBytes").GetInt64(), 4096, receipt.Resources.GetProperty("peakRssBytes")
            .GetInt64());
        Assert.InRange(felt.GetProperty("memAvailableLowBytes").GetInt64(), 1, Machine.MemInfoBytes("MemTotal"));
        Assert.InRange(felt.GetProperty("dirtyPeakBytes").GetInt64(), 0, Machine.MemInfoBytes("MemTotal"));
        Assert.True(felt.TryGetProperty("tmpfsGrowthBytes", out _));
        Assert.Equal(IsPressureTold, felt.TryGetProperty("ioStallMs", out _));
        Assert.Equal(IsPressureTold, felt.TryGetProperty("memoryStallMs", out _));
        Assert.False(felt.TryGetProperty("canary", out _));
        Assert.DoesNotContain("canary", result.Errors, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("--canary", "")]
    [InlineData("--quiet", "canary = on,")]
    public void A_canary_measures_before_the_copy_and_during_it(string option, string setting)
    {
        SourceFile.Dense(place.Source("heap"), 16 * MiB);
        CliResult result =
            place.Copy(option, "--config", place.Config($"bundle-copier {{ {setting} writer.max-rate = 20MiB }}"));
        ReceiptView receipt = Ended.Committed(0, place, result);
        SchemaCheck.IsReceipt(receipt.Root);
        JsonElement canary = receipt.Root.GetProperty("bystanders").GetProperty("canary");
        foreach (string probe in new[] { "write", "forkExec" })
        {
            JsonElement found = canary.GetProperty(probe);
            Assert.False(found.TryGetProperty("error", out _), found.GetRawText());
            Assert.InRange(found.GetProperty("before").GetProperty("count").GetInt32(), 1, 20);
            Assert.InRange(found.GetProperty("during").GetProperty("count").GetInt32(), 1, 10_000);
            Assert.True(found.GetProperty("before").GetProperty("p50Ms").GetDouble() > 0, found.GetRawText());
            Assert.True(
                found.GetProperty("during").GetProperty("maxMs").GetDouble() >= found.GetProperty("during")
                .GetProperty("p99Ms").GetDouble(), found.GetRawText());
        }

        if (option == "--canary")
            Ended.Says(result, "canary: write + fdatasync p99 ", "fork + exec p99 ", "before the copy");
    }

    [KernelFact]
    public void A_canary_leaves_no_file_and_no_child_process_and_does_not_count_as_data_in_flight()
    {
        SourceFile.Dense(place.Source("heap"), 16 * MiB);
        string config = place.Config("bundle-copier { budget = 2MiB, writer.max-rate = 10MiB }");
        using RunningCli running =
            Cli.Start(["--manifest", place.Manifest(place.Source("*")), "--canary", "--config", config]);
        HashSet<string> names = [];
        while (!running.HasEnded)
            AddNames(names);

        ReceiptView receipt = Ended.Committed(0, place, running.Wait());
        Assert.Subset(
            new HashSet<string> { ".b.partial", ".b.partial/files", ".b.partial/files/heap", ".b.partial/receipt.json",
                ".b.partial/checksums", ".b.partial/journal", "b", "b/files", "b/files/heap", "b/receipt.json",
                "b/journal", "b/checksums" },
            names);
        Assert.InRange(receipt.Resources.GetProperty("peakInFlightBytes").GetInt64(), 1, 2 * MiB);
    }

    [KernelFact]
    public void A_copy_with_a_canary_says_what_is_wrong_too()
    {
        SourceFile.Dense(place.Source("heap"), MiB);
        Ended.Refused(4, place, place.Copy("--canary", "--destination", "/nowhere"), "/nowhere");
    }

    private void AddNames(HashSet<string> names)
    {
        try
        {
            EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };
            foreach (string name in Directory.GetFileSystemEntries(place.Destination, "*", all))
                names.Add(Path.GetRelativePath(place.Destination, name));
        }
        catch (IOException)
        {
            // It was renamed meanwhile.
        }
    }

    private static bool IsPressureTold
    {
        get
        {
            try
            {
                return File.ReadAllText("/proc/pressure/io").Length > 0;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
