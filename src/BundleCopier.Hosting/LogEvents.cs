using Microsoft.Extensions.Logging;

namespace BundleCopier.Hosting;

/// <summary>What the copier tells the application's log. The ids are promises (docs/embedding.md).</summary>
internal static partial class LogEvents
{
    public const string Category = "BundleCopier";

    [LoggerMessage(1, LogLevel.Information, "The bundle copier is ready. Settings: {Settings}.")]
    public static partial void Ready(ILogger log, BundleCopierSettings settings);
}
