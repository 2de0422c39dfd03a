using Akka.Actor;
using Akka.Hosting;
using BundleCopier.Hosting;
using BundleCopier.Manifest;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace BundleCopier.Tests.Hosting;

public sealed class AddBundleCopierTests : IDisposable
{
    private readonly HostedPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task A_service_starts_a_copy_shows_its_progress_and_gives_its_result()
    {
        File.WriteAllBytes($"{place.Source}/heap", new byte[100_000]);
        using IHost host = Build(services => services.AddBundleCopier());
        await host.StartAsync();

        IRunningCopy copy = host.Services.GetRequiredService<IBundleCopier>().Start(Manifest());
        List<CopyProgress> seen = [];
        await foreach (CopyProgress progress in copy.Progress)
            seen.Add(progress);

        CopyResult.Committed done = Assert.IsType<CopyResult.Committed>(await copy.Completion);
        Assert.Equal(BundleStatus.Complete, done.Receipt.Status);
        Assert.Equal(CopyPhase.Done, seen[^1].Phase);
        Assert.Same(done, await copy.CancelAsync());
        await host.StopAsync();
    }

    [Fact]
    public async Task The_service_and_the_actor_of_an_application_with_Akka_are_one_copier()
    {
        using IHost host = Build(services => services
            .AddBundleCopier(static o => o.Change(static s => s with { WriterThreads = 3 }))
            .AddAkka("hosted", static builder => builder.WithBundleCopier(
                static o => o.Change(static s => s with { ReaderThreads = 3 }))));
        await host.StartAsync();

        CopySettings settings = host.Services.GetRequiredService<BundleCopierSettings>().Copy;
        Assert.Equal((3, 3), (settings.WriterThreads, settings.ReaderThreads));
        Assert.NotNull(host.Services.GetRequiredService<ActorRegistry>().Get<BundleCopierKey>());
        Assert.Same(
            HostedCopier.Of(host.Services.GetRequiredService<ActorSystem>(), host.Services),
            host.Services.GetRequiredService<IBundleCopier>());
        await host.StopAsync();
    }

    [Fact]
    public async Task A_system_without_WithBundleCopier_stops_the_application_with_the_correction()
    {
        using IHost host = Build(services => services.AddBundleCopier().AddAkka("hosted", static _ => { }));
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains("Call WithBundleCopier", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_setting_comes_from_the_source_that_wins_and_says_which()
    {
        using IHost host = Build(
            static services => services.AddBundleCopier(static o =>
            {
                o.Hocon = "bundle-copier { budget = 4MiB, writer.threads = 3, deadline = 30s }";
                o.Change(static s => s with { Nice = 5 });
            }),
            ("BundleCopier:Budget", "8MiB"),
            ("BundleCopier:Writer:MaxRate", "200MiB"),
            ("BUNDLECOPIER:DESTINATION:RETENTION:MAX-BUNDLES", "7"));
        await host.StartAsync();

        BundleCopierSettings settings = host.Services.GetRequiredService<BundleCopierSettings>();
        Assert.Equal(
            new CopySettings
            {
                BudgetBytes = 8 << 20,
                Deadline = TimeSpan.FromSeconds(30),
                WriterThreads = 3,
                WriterMaxRateBytes = 200 << 20,
                Retention = new RetentionSettings { MaxBundles = 7 },
                Nice = 5,
            },
            settings.Copy);
        Assert.Equal(
            "budget = 8MiB (IConfiguration), deadline = 30s (HOCON), writer.threads = 3 (HOCON), "
            + "writer.max-rate = 200MiB (IConfiguration), destination.retention.max-bundles = 7 (IConfiguration), "
            + "process.nice = 5 (code); all others are defaults",
            settings.ToString());
        await host.StopAsync();
    }

    [Theory]
    [InlineData("BundleCopier:Writer:MaxRat", "1MiB", "Did you mean \"BundleCopier:Writer:MaxRate\"?")]
    [InlineData("BundleCopier:Budget", "much", "IConfiguration (BundleCopier): bundle-copier.budget: \"much\"")]
    [InlineData("BundleCopier:IoDispatcher", "x", "Give it in HOCON.")]
    public async Task A_wrong_value_in_IConfiguration_stops_the_application(string key, string value, string expected)
    {
        using IHost host = Build(static services => services.AddBundleCopier(), (key, value));
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains(expected, failure.ToString(), StringComparison.Ordinal);
    }

    private static IHost Build(Action<IServiceCollection> add, params (string Key, string Value)[] configuration) =>
        new HostBuilder()
            .ConfigureAppConfiguration(builder => builder.AddInMemoryCollection(
                configuration.Select(static c => new KeyValuePair<string, string?>(c.Key, c.Value))))
            .ConfigureServices(add)
            .Build();

    private BundleManifest Manifest() =>
        BundleManifest.Create("hosted", [new ManifestFile($"{place.Source}/heap")], place.Destination).Value!;
}
