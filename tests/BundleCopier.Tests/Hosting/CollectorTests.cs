using Collector;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace BundleCopier.Tests.Hosting;

public sealed class CollectorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string place = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;

    public void Dispose() => Directory.Delete(place, recursive: true);

    [Fact]
    public async Task A_manifest_in_the_spool_becomes_a_bundle_and_the_metrics_show_it()
    {
        File.WriteAllBytes($"{place}/heap", new byte[100_000]);
        Directory.CreateDirectory($"{place}/spool/done");
        Directory.CreateDirectory($"{place}/spool/failed");
        Directory.CreateDirectory($"{place}/bundles");
        using IHost host = CollectorHost.Build(
        [
            $"--Collector:Spool={place}/spool", $"--Collector:Destination={place}/bundles",
            "--Collector:MetricsPort=0", "--BundleCopier:Budget=4MiB", "--Logging:LogLevel:Default=Warning",
        ]);
        await host.StartAsync();

        Spool("good", $$"""{"version": 1, "bundle": "good", "files": [{"source": "{{place}}/heap"}]}""");
        Spool("bad", "{}");
        foreach (string end in new[] { "done/good.json", "failed/bad.json" })
            Assert.True(SpinWait.SpinUntil(() => File.Exists($"{place}/spool/{end}"), Patience), end);

        Assert.Equal(100_000, new FileInfo($"{place}/bundles/good/files/heap").Length);
        Assert.Contains("version", File.ReadAllText($"{place}/spool/failed/bad.json.txt"), StringComparison.Ordinal);
        using HttpClient client = new();
        string address = $"http://127.0.0.1:{host.Services.GetRequiredService<MetricsServer>().Port}";
        string text = await client.GetStringAsync(new Uri($"{address}/metrics"));
        Assert.Contains("# TYPE bundlecopier_copy_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "bundlecopier_files_total{bundlecopier_file_complete=\"true\"} ", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE bundlecopier_copy_active gauge\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), static line => Assert.Matches(
            @"^(# (HELP|TYPE) \w+ .+|\w+(\{[a-z_]+=""[^""]*""(,[a-z_]+=""[^""]*"")*\})? [-+0-9.eE]+)$", line));
        string health = await client.GetStringAsync(new Uri($"{address}/health"));
        Assert.StartsWith("bundle-copier: Healthy", health, StringComparison.Ordinal);
        await host.StopAsync();
    }

    // Renamed from elsewhere, as the README says.
    private void Spool(string name, string manifest)
    {
        File.WriteAllText($"{place}/{name}.new", manifest);
        File.Move($"{place}/{name}.new", $"{place}/spool/{name}.json");
    }
}
