using BundleCopier.Manifest;
using BundleCopier.Receipt;
using Microsoft.Extensions.Logging;

namespace BundleCopier.Hosting;

/// <summary>Logs the start and the end of copies, and each failure.</summary>
internal sealed class CopyLog(ILogger log)
{
    // A receipt may name a million files.
    private const int MaxFiles = 20;

    public void Started(BundleManifest manifest) =>
        LogEvents.CopyStarted(log, manifest.Bundle, manifest.Destination);

    public void Ended(BundleManifest manifest, Task<CopyResult> copy)
    {
        string bundle = manifest.Bundle;
        if (!copy.IsCompletedSuccessfully)
            LogEvents.CopyFailed(log, copy.Exception?.InnerException, bundle);
        else if (copy.Result is CopyResult.Committed committed)
            Committed(bundle, committed);
        else if (copy.Result is CopyResult.Refused { Refusal: { } refusal })
            LogEvents.CopyRefused(log, bundle, $"{refusal.Kind}", refusal.Message);
        else if (copy.Result is CopyResult.Invalid { Error: { } error })
            LogEvents.CopyInvalid(log, bundle, $"{error}");
    }

    private void Committed(string bundle, CopyResult.Committed committed)
    {
        BundleReceipt receipt = committed.Receipt;
        long dataBytes = receipt.Files.Sum(static f => f.DataBytes);
        ReceiptFile[] failed = [.. receipt.Files.Where(static f => f.Error is not null)];
        foreach (ReceiptFile file in failed.Take(MaxFiles))
        {
            LogEvents.FileFailed(
                log, bundle, file.Source, $"{file.Status}".ToLowerInvariant(), file.Error!.Code, file.Error.Message);
        }

        if (failed.Length > MaxFiles)
            LogEvents.MoreFilesFailed(log, bundle, failed.Length - MaxFiles);
        double seconds = receipt.Resources.Seconds;
        if (receipt.Status == BundleStatus.Complete)
        {
            LogEvents.CopyCompleted(log, bundle, dataBytes, seconds, committed.Path);
            return;
        }

        long missingBytes = receipt.Missing?.Sum(static m => m.Bytes) ?? 0;
        string status = $"{receipt.Status}".ToLowerInvariant();
        LogEvents.CopyIncomplete(log, bundle, status, missingBytes, dataBytes, seconds, committed.Path);
    }
}
