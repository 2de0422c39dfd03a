using BundleCopier.Settings;

namespace BundleCopier.Write;

/// <summary>A bundle of a destination.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBytes">The space that it uses.</param>
/// <param name="FinishedAt">When its copy ended.</param>
/// <param name="MayGo">False for the new bundle, one that is in use, and one that is to be kept.</param>
internal sealed record KnownBundle(string Name, long SizeBytes, DateTimeOffset FinishedAt, bool MayGo);

/// <summary>
/// Chooses which bundles of a destination go, the oldest first, until the limits hold or no bundle may go any more. All
/// bundles count, also those that may not go. Pure.
/// </summary>
internal sealed class RetentionPlan
{
    private readonly Queue<KnownBundle> oldestFirst;
    private readonly int? maxBundles;
    private readonly long? maxUseBytes;
    private readonly long? keepFreeBytes;
    private int count;
    private long usedBytes;
    private long freeBytes;
    private DateTimeOffset newest = DateTimeOffset.MinValue; // of those that were chosen

    /// <param name="bundles">All bundles of the destination.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="freeBytes">
    /// The free space of the filesystem, with the space that is being freed; null where it does not tell.
    /// </param>
    /// <param name="totalBytes">The size of the filesystem; null where it does not tell.</param>
    public RetentionPlan(
        IReadOnlyCollection<KnownBundle> bundles, RetentionSettings limits, long? freeBytes, long? totalBytes)
    {
        oldestFirst = new(bundles.Where(static b => b.MayGo)
            .OrderBy(static b => b.FinishedAt).ThenBy(static b => b.Name, StringComparer.Ordinal));
        maxBundles = limits.MaxBundles;
        maxUseBytes = limits.MaxUse?.Of(totalBytes);
        keepFreeBytes = freeBytes is null ? null : limits.KeepFree?.Of(totalBytes);
        count = bundles.Count;
        usedBytes = bundles.Sum(static b => b.SizeBytes);
        this.freeBytes = freeBytes ?? 0;
    }

    /// <summary>The next bundle to go, and the limit that it exceeds; null when there is none.</summary>
    public (KnownBundle Bundle, RemovalReason Reason)? Next()
    {
        if (Exceeded is not { } reason || !oldestFirst.TryDequeue(out KnownBundle? next))
            return null;
        newest = next.FinishedAt;
        Count(next, -1);
        return (next, reason);
    }

    /// <summary>A bundle that was to go stays after all.</summary>
    public void Stays(KnownBundle bundle) => Count(bundle, 1);

    /// <summary>At the end: whether a bundle that stays would have been chosen, if it might go.</summary>
    public bool WouldTake(KnownBundle bundle) => Exceeded is not null || bundle.FinishedAt < newest;

    /// <summary>The limit that does not hold; null where all hold.</summary>
    private RemovalReason? Exceeded => count > maxBundles ? RemovalReason.MaxBundles
        : usedBytes > maxUseBytes ? RemovalReason.MaxUse
        : freeBytes < keepFreeBytes ? RemovalReason.KeepFree
        : null;

    private void Count(KnownBundle bundle, int sign)
    {
        count += sign;
        usedBytes += sign * bundle.SizeBytes;
        freeBytes -= sign * bundle.SizeBytes;
    }
}
