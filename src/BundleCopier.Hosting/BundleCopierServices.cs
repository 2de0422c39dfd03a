using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BundleCopier.Hosting;

/// <summary>Adds the bundle copier to an application's services.</summary>
public static class BundleCopierServices
{
    /// <summary>
    /// Adds <see cref="IBundleCopier"/> and <see cref="BundleCopierSettings"/>. The copier starts and ends with the
    /// application. Where the application has an actor system (<c>AddAkka</c>), the copier runs there, and its builder
    /// needs <see cref="BundleCopierHosting.WithBundleCopier"/>; otherwise the copier has a system of its own. A
    /// setting that is not valid stops the application at its start: an <see cref="InvalidOperationException"/> names
    /// it.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the options; null leaves them.</param>
    public static IServiceCollection AddBundleCopier(
        this IServiceCollection services,
        Action<BundleCopierOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<BundleCopierOptions>();
        if (configure is not null)
            services.Configure(configure);
        if (services.Any(static s => s.ServiceType == typeof(BundleCopierService)))
            return services;
        services.AddSingleton(static provider => new BundleCopierService(provider));
        services.AddHostedService(static provider => provider.GetRequiredService<BundleCopierService>());
        services.TryAddSingleton<IBundleCopier>(
            static provider => provider.GetRequiredService<BundleCopierService>().Copier);
        services.TryAddSingleton(static provider => provider.GetRequiredService<BundleCopierService>().Copier.Settings);
        return services;
    }
}
