using BundleCopier.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Collector;

/// <summary>
/// A service that makes a bundle for each manifest that is renamed into its spool, and shows metrics and health at an
/// HTTP port. It is an example: an application with a copier of its own looks like this.
/// </summary>
internal static class CollectorHost
{
    public static IHost Build(string[] args)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        CollectorSettings settings = CollectorSettings.Read(builder.Configuration);
        builder.Services
            .AddSingleton(settings)
            .AddSingleton<PrometheusText>()
            .AddBundleCopier()
            .AddSingleton<MetricsServer>()
            .AddHostedService(static services => services.GetRequiredService<MetricsServer>())
            .AddHostedService<SpoolWorker>()
            .AddHealthChecks().AddBundleCopier();
        return builder.Build();
    }
}
