using Akka.Actor;
using Akka.Dispatch;
using Akka.Hosting;
using BundleCopier.Actors;
using BundleCopier.Hosting;
using BundleCopier.Manifest;
using BundleCopier.Receipt;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace BundleCopier.Tests.Hosting;

public sealed class WithBundleCopierTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HostedPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task A_hosted_copier_copies_and_answers_once()
    {
        byte[] heap = new byte[3 * 1024 * 1024 + 17];
        new Random(1).NextBytes(heap);
        File.WriteAllBytes($"{place.Source}/heap", heap);
        using IHost host = BuildHost("bundle-copier.budget = 4MiB");
        await host.StartAsync();
        IActorRef copier = host.Services.GetRequiredService<ActorRegistry>().Get<BundleCopierKey>();

        CopyBundle ask = new(Manifest($"{place.Source}/heap"));
        BundleCopied answer = await copier.Ask<BundleCopied>(ask, Patience);

        CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(answer.Result);
        Assert.Equal(BundleStatus.Complete, committed.Receipt.Status);
        Assert.Equal(4 << 20, committed.Receipt.Resources.BudgetBytes);
        Assert.Equal(heap, File.ReadAllBytes($"{committed.Path}/files/heap"));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_configuration_that_names_the_dispatcher_by_its_old_type_still_works()
    {
        File.WriteAllBytes($"{place.Source}/heap", [1]);
        using IHost host = BuildHost(
            """
            bundle-copier.io-dispatcher {
              type = "BundleCopier.Supervise.OwnThreadDispatcherConfigurator, BundleCopier"
              throughput = 1
            }
            """);
        await host.StartAsync();
        IActorRef copier = host.Services.GetRequiredService<ActorRegistry>().Get<BundleCopierKey>();

        CopyBundle ask = new(Manifest($"{place.Source}/heap"));
        BundleCopied answer = await copier.Ask<BundleCopied>(ask, Patience);

        Assert.IsType<CopyResult.Committed>(answer.Result);
        MessageDispatcher dispatcher = host.Services.GetRequiredService<ActorSystem>()
            .Dispatchers.Lookup("bundle-copier.io-dispatcher");
        Assert.IsType<OwnThreadDispatcher>(dispatcher);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_setting_that_is_not_valid_stops_the_application_at_start_and_is_named()
    {
        using IHost host = BuildHost("bundle-copier.budgt = 4MiB");

        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        Assert.Contains("bundle-copier.budgt", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("bundle-copier.budget", failure.ToString(), StringComparison.Ordinal);
    }

    private static IHost BuildHost(string hocon) => Host.CreateDefaultBuilder()
        .ConfigureServices(services => services.AddAkka(
            "hosted",
            builder => builder.AddHocon(hocon, HoconAddMode.Prepend).WithBundleCopier()))
        .Build();

    private BundleManifest Manifest(string file) =>
        BundleManifest.Create("hosted", [new ManifestFile(file)], place.Destination).Value!;
}
