using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Collector;

/// <summary>
/// The settings of the collector, below <c>Collector</c>. Those of its copies are below <c>BundleCopier</c>.
/// </summary>
/// <param name="Spool">The directory into which manifests (*.json) are renamed.</param>
/// <param name="Destination">Where the bundles go, whatever a manifest names.</param>
/// <param name="MetricsPort">The port of 127.0.0.1 for metrics and health; 0 for any.</param>
internal sealed record CollectorSettings(string Spool, string Destination, int MetricsPort)
{
    private const int DefaultPort = 9464; // as other exporters of OpenTelemetry

    public static CollectorSettings Read(IConfiguration configuration) => new(
        configuration["Collector:Spool"] ?? throw Missing("Spool"),
        configuration["Collector:Destination"] ?? throw Missing("Destination"),
        configuration["Collector:MetricsPort"] is { } port
            ? int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture)
            : DefaultPort);

    private static InvalidOperationException Missing(string name) => new(
        $"Collector:{name} is missing. Give it as Collector__{name} in the environment, as --Collector:{name}=PATH, or "
        + "in appsettings.json.");
}
