using System.Diagnostics;

namespace BundleCopier.Observe;

/// <summary>The names that all telemetry has in common.</summary>
internal static class Telemetry
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "BundleCopier";

    public const string ErrorType = "error.type"; // OpenTelemetry's

    public const string Status = "bundlecopier.copy.status";

    public const string Bundle = "bundlecopier.bundle";

    public const string Complete = "bundlecopier.file.complete";

    public const string Resource = "bundlecopier.resource";

    public const string Side = "bundlecopier.side";

    public static ActivitySource Spans { get; } = new(
        Name, typeof(Telemetry).Assembly.GetName().Version?.ToString(3) ?? "");
}
