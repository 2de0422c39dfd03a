using Microsoft.Extensions.Logging;

namespace BundleCopier.Hosting;

/// <summary>What the copier tells the application's log. The ids and names are promises (docs/embedding.md).</summary>
internal static partial class LogEvents
{
    public const string Category = "BundleCopier";

    [LoggerMessage(1, LogLevel.Information, "The bundle copier is ready. Settings: {Settings}.")]
    public static partial void Ready(ILogger log, BundleCopierSettings settings);

    [LoggerMessage(10, LogLevel.Information, "Bundle {Bundle}: the copy to {Destination} begins.")]
    public static partial void CopyStarted(ILogger log, string bundle, string? destination);

    [LoggerMessage(
        11, LogLevel.Information, "Bundle {Bundle}: complete, {DataBytes} bytes in {Seconds} s, {Path}.")]
    public static partial void CopyCompleted(ILogger log, string bundle, long? dataBytes, double seconds, string path);

    [LoggerMessage(
        12,
        LogLevel.Warning,
        "Bundle {Bundle}: {Status}, {MissingBytes} bytes are missing, {DataBytes} are saved in {Seconds} s, {Path}.")]
    public static partial void CopyIncomplete(
        ILogger log, string bundle, string status, long missingBytes, long? dataBytes, double seconds, string path);

    [LoggerMessage(13, LogLevel.Error, "Bundle {Bundle}: nothing is committed ({Kind}). {Reason}")]
    public static partial void CopyRefused(ILogger log, string bundle, string kind, string reason);

    [LoggerMessage(14, LogLevel.Error, "Bundle {Bundle}: the copy is not possible as it was asked for. {Reason}")]
    public static partial void CopyInvalid(ILogger log, string bundle, string reason);

    [LoggerMessage(15, LogLevel.Error, "Bundle {Bundle}: the copy has failed.")]
    public static partial void CopyFailed(ILogger log, Exception? error, string bundle);

    [LoggerMessage(20, LogLevel.Warning, "Bundle {Bundle}: {Source} is {Status} ({Code}). {Reason}")]
    public static partial void FileFailed(
        ILogger log, string bundle, string source, string status, string code, string reason);

    [LoggerMessage(21, LogLevel.Warning, "Bundle {Bundle}: {Count} more files have errors; they are in the receipt.")]
    public static partial void MoreFilesFailed(ILogger log, string bundle, int count);
}
