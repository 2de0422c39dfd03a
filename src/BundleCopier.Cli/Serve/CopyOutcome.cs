using BundleCopier.Faults;
using BundleCopier.Receipt;

namespace BundleCopier.Cli.Serve;

/// <summary>How a copy ended.</summary>
/// <param name="End">How.</param>
/// <param name="Path">The bundle; null where there is none.</param>
/// <param name="Message">
/// Why there is none, or how much of it is missing and why; null where the bundle is complete.
/// </param>
internal sealed record CopyOutcome(CrashEnd End, string? Path, string? Message)
{
    /// <summary>
    /// The outcome; null where the copy was stopped before it could commit: what it has written stays, and the next
    /// server goes on from there.
    /// </summary>
    public static CopyOutcome? Of(CopyResult result) => result switch
    {
        CopyResult.Committed committed => new CopyOutcome(
            EndOf(committed.Receipt.Status), committed.Path, MissingIn(committed.Receipt)),
        CopyResult.Refused { Refusal.Kind: RefusalKind.Stopped } => null,
        CopyResult.Refused refused => new CopyOutcome(CrashEnd.Failed, null, refused.Refusal.Message),
        CopyResult.Invalid invalid => new CopyOutcome(CrashEnd.Failed, null, invalid.Error.ToString()),
        _ => throw new InvalidOperationException($"A copy cannot end with {result.GetType().Name}."),
    };

    private static string? MissingIn(BundleReceipt receipt) => receipt.Status == BundleStatus.Complete
        ? null
        : LastSentence.Of(SavedBytes.Of(receipt), receipt.Missing ?? []);

    private static CrashEnd EndOf(BundleStatus status) => status switch
    {
        BundleStatus.Complete => CrashEnd.Complete,
        BundleStatus.Partial => CrashEnd.Partial,
        _ => CrashEnd.Cancelled,
    };
}
