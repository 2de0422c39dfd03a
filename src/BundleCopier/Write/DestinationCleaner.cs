using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Removes old bundles from a destination after a commit: the one that was replaced, those beyond the limits of
/// retention, and what a killed run has left of either. Each first gets a hidden name, so that half a bundle never
/// stands under its own. Nothing here makes the copy fail: problems are warnings. Synchronous and without actors.
/// </summary>
/// <param name="destination">The destination; it has the new bundle.</param>
/// <param name="limits">The limits of retention.</param>
/// <param name="now">The time.</param>
/// <param name="isStopped">Asked between the steps whether to end early.</param>
internal sealed class DestinationCleaner(
    Destination destination, RetentionSettings limits, DateTimeOffset now, Func<bool> isStopped)
{
    private const uint ReadableByOthers = 0x24; // 0044

    private readonly List<RemovedBundle> removed = [];
    private readonly List<string> warnings = [];
    private readonly HashSet<string> given = []; // hidden names that could not be removed

    private IDirectory Directory => destination.Directory;

    private BundlePlace Place => destination.Place;

    /// <summary>Does all of it.</summary>
    /// <param name="replaced">The bundle that was replaced, under the partial name; null where there is none.</param>
    public DestinationCleanup Run(OldBundle? replaced)
    {
        if (replaced is not null)
            RemoveReplaced(replaced);
        if (Place.Replaces || limits.IsOn)
        {
            while (!isStopped() && RemoveSome())
            {
            }
        }

        return new DestinationCleanup(removed, warnings);
    }

    private void RemoveReplaced(OldBundle replaced)
    {
        string hidden = BundleNames.Replaced(Place.Bundle);
        IoResult locked = replaced.Directory.Lock();
        IoResult renamed = Directory.Rename(Place.PartialName, hidden);
        if (!renamed.IsOk)
        {
            Warn($"The bundle that was replaced could not be removed ({renamed.Error.Name}): it is in "
                + $"{Place.PartialPath}. Remove it.");
        }
        else if (replaced.Directory.IsAt(Directory, hidden) == false)
        {
            // Another copy of this name has removed the old bundle, and this directory is its own.
            _ = Directory.Rename(hidden, Place.PartialName);
        }
        else if (!locked.IsOk)
        {
            Warn($"The bundle that was replaced is in use ({locked.Error.Name}), and stays in {PathOf(hidden)}. "
                + LaterCopies);
        }
        else
        {
            Remove(hidden, replaced.Directory, Place.BundlePath, RemovalReason.Replaced, replaced.Head.FinishedAt);
        }
    }

    /// <summary>Chooses bundles and removes them. True when there may be more to remove.</summary>
    private bool RemoveSome()
    {
        // Two runs at once would both count the same bundles, and remove too many.
        IoResult locked = Directory.LockSoon();
        if (!locked.IsOk)
        {
            if (locked.Error.Code != EAGAIN)
                Warn($"{Place.Path} could not be locked to remove old bundles ({locked.Error.Name}).");
            // Another run is choosing all this time, and has seen the new bundle or will. Or another user holds the
            // lock, so that no bundle is ever removed: the right to read the directory is enough (flock(2)). Choosing
            // takes milliseconds, and two runs that choose at once hide each bundle only once. So go on without it.
            if (locked.Error.Code != EAGAIN || !MayBeLockedByOthers())
                return false;
        }

        using RetentionRound round = new(destination, limits, now, given, Warn);
        bool areHidden;
        try
        {
            round.Choose(isStopped);
            // Otherwise a power cut could leave half a bundle under its own name.
            IoResult synced = round.Condemned.Count == 0 ? IoResult.Done : Directory.SyncWhereSupported();
            areHidden = synced.IsOk;
            if (!areHidden)
                Warn($"Old bundles were not removed: syncing {Place.Path} failed with {synced.Error.Name}.");
        }
        finally
        {
            Directory.Unlock();
        }

        if (!areHidden)
            return false;
        foreach (RetentionRound.CondemnedBundle gone in round.Condemned)
            Remove(gone.HiddenName, gone.Directory, PathOf(gone.Name), gone.Reason, gone.FinishedAt);
        return round.MayHaveMore;
    }

    private bool MayBeLockedByOthers() =>
        Directory.ReadRights(out FileRights rights).IsOk && (rights.Mode & ReadableByOthers) != 0;

    private void Remove(
        string hidden, IDirectory held, string path, RemovalReason reason, DateTimeOffset? finishedAt)
    {
        long? sizeBytes = Directory.Measure(hidden).Try(out TreeUse use, out _) ? use.AllocatedBytes : null;
        IoResult result = Directory.RemoveGently(hidden, held, isStopped);
        if (result.IsOk)
        {
            removed.Add(new RemovedBundle(path, reason, sizeBytes, finishedAt));
            return;
        }

        given.Add(hidden);
        Errno error = result.Error;
        Warn(error.Code == ECANCELED
            ? $"The copy was stopped while it removed {path}: what is left of it is in {PathOf(hidden)}. {LaterCopies}"
            : $"{path} could not be removed ({error.Name}): what is left of it is in {PathOf(hidden)}. "
                + (error.Code == EXDEV || error.Code == EBUSY ? "Unmount what is mounted below it, and remove it."
                    : error.Code == EPERM ? "Take the attributes of its files away (chattr -R -ai), and remove it."
                    : "Remove it."));
    }

    private static string LaterCopies =>
        "A later copy to this destination that replaces a bundle or has retention removes it.";

    private string PathOf(string name) => PathText.Join(Place.Path, name);

    private void Warn(string sentence) => warnings.Add(sentence);
}
