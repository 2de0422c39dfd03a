using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BundleCopier.Hosting;

/// <summary>
/// Health checks of the bundle copier: degraded while the last copy made no bundle (a full disk, a missing directory),
/// or while copies have waited for more than a minute; unhealthy when its actor system has ended.
/// </summary>
public static class BundleCopierHealthChecks
{
    private const string Name = "bundle-copier";
    private static readonly string[] Tags = ["readiness", "akka", Name];

    /// <summary>Adds the check to an application's health checks; it needs <c>AddBundleCopier</c>.</summary>
    /// <param name="builder">What <c>AddHealthChecks</c> returns.</param>
    public static IHealthChecksBuilder AddBundleCopier(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            Name,
            static services => new Check(services.GetRequiredService<BundleCopierService>()),
            HealthStatus.Unhealthy,
            Tags));
    }

    /// <summary>Adds the check as those of Akka.Hosting are added; it needs <c>WithBundleCopier</c>.</summary>
    /// <param name="builder">The actor system's builder.</param>
    public static AkkaConfigurationBuilder WithBundleCopierReadinessCheck(this AkkaConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHealthCheck(
            Name,
            static (system, _, _) => Task.FromResult(HostedCopier.Find(system) is { } copier
                ? copier.Health
                : HealthCheckResult.Unhealthy("The copier has not started.")),
            HealthStatus.Unhealthy,
            Tags);
    }

    private sealed class Check(BundleCopierService service) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context,
            CancellationToken cancellationToken = default) => Task.FromResult(service.Copier.Health);
    }
}
