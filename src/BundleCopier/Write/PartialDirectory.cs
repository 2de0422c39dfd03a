using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>The directory of a bundle in progress, locked.</summary>
/// <param name="Directory">The directory; null where a new one must be made: an old one was removed, or is
/// <paramref name="Unread"/>.</param>
/// <param name="Earlier">What an earlier run has left in it; null for nothing.</param>
/// <param name="Unread">
/// The error because of which what is there could not be read: it stays, and the bundle needs another directory.
/// </param>
internal sealed record TakenPartial(IDirectory? Directory, EarlierRun? Earlier, Errno Unread = default);

/// <summary>
/// The directory <c>.NAME.partial</c>, in which a bundle is made. The lock on it tells a copy that runs from one that
/// was killed.
/// </summary>
internal static class PartialDirectory
{
    /// <summary>
    /// Makes the directory and locks it. Takes over what a killed copy has left under the name where its journal can be
    /// read, leaves it where the disk does not let the journal be read, and removes it otherwise.
    /// </summary>
    public static Result<TakenPartial, Refusal> Take(Destination destination)
    {
        BundlePlace place = destination.Place;
        IDirectory parent = destination.Directory;
        IoResult<IDirectory> created = parent.CreateDirectory(place.PartialName);
        if (created.Error.Code == EEXIST)
        {
            if (!TakeOverOrRemove(destination).Try(out TakenPartial? taken, out Refusal? stays))
                return stays;
            if (taken.Directory is not null || taken.Unread.IsError)
                return taken;
            created = parent.CreateDirectory(place.PartialName);
        }

        if (!created.Try(out IDirectory? partial, out Errno error))
        {
            if (error.Code == EEXIST)
                return DestinationRefusals.AlreadyRunning(place);
            return error.IsNoSpace
                ? DestinationRefusals.Full(place.Path, error)
                : DestinationRefusals.Unusable(place.Path, error);
        }

        // Between creating and locking, another copy can take the directory for stale, and lock or replace it.
        IoResult locked = partial.Lock();
        if (locked.IsOk && partial.IsAt(parent, place.PartialName) != false)
            return new TakenPartial(partial, null);
        using (partial)
        {
            if (locked.IsOk || locked.Error.Code == EAGAIN)
                return DestinationRefusals.AlreadyRunning(place);
            _ = parent.RemoveGently(place.PartialName, partial, static () => false);
            return DestinationRefusals.Unusable(place.Path, locked.Error);
        }
    }

    /// <summary>Why <see cref="Take"/> would fail at what has the name now; null when it would not.</summary>
    public static Refusal? Check(Destination destination)
    {
        BundlePlace place = destination.Place;
        IoResult taken = destination.Directory.Probe(place.PartialName);
        if (!taken.IsOk)
            return taken.Error.Code == ENOENT ? null : DestinationRefusals.Unusable(place.Path, taken.Error);
        if (!destination.Directory.OpenDirectory(place.PartialName).Try(out IDirectory? stale, out Errno error))
            return DestinationRefusals.PartialNotOpened(place, error);
        // Disposing it gives the lock back at once. Only a copy between creating its directory and locking it could
        // meet the lock.
        using (stale)
            return CheckStale(destination, stale, IsMadeByMount);

        // A directory cannot be made here to compare with. Filesystems that fix the owner have no files without a name,
        // so where there are none, the copy will decide.
        bool IsMadeByMount()
        {
            IoResult<IOutputFile> nameless = destination.Directory.CreateNameless(OutputIo.Bounded);
            nameless.Value?.Dispose();
            return nameless.Error.Code == EOPNOTSUPP;
        }
    }

    private static Result<TakenPartial, Refusal> TakeOverOrRemove(Destination destination)
    {
        BundlePlace place = destination.Place;
        IDirectory parent = destination.Directory;
        if (!parent.OpenOwnDirectory(place.PartialName).Try(out IDirectory? stale, out Errno error))
        {
            return error.Code == EXDEV
                ? DestinationRefusals.NotRemoved(place, error)
                : DestinationRefusals.PartialNotOpened(place, error);
        }

        Refusal? refusal = CheckStale(destination, stale, () => IsLikeNew(parent, stale, place));
        if (refusal is null && !place.StartsFresh)
        {
            bool isRead = EarlierRun.TakeOver(stale, destination.Io, place)
                .Try(out EarlierRun? earlier, out Errno unread);
            if (earlier is not null)
                return new TakenPartial(stale, earlier);
            if (!isRead)
            {
                stale.Dispose();
                return new TakenPartial(null, null, unread);
            }
        }

        // The lock is held until the directory is removed.
        using (stale)
        {
            if (refusal is not null)
                return refusal;
            // First, so that a kill meanwhile leaves nothing that looks like a finished bundle.
            _ = stale.RemoveTree(BundleNames.Receipt);
            IoResult removed = parent.RemoveGently(place.PartialName, stale, () =>
            {
                place.Pulse?.Beat();
                return false;
            });
            return removed.IsOk
                ? new TakenPartial(null, null)
                : DestinationRefusals.NotRemoved(place, removed.Error);
        }
    }

    /// <summary>
    /// Whether a new directory gets the same owner and mode as the stale one: then the mount fixes them (exFAT, NTFS,
    /// NFS), and the stale directory is as much this user's as a directory can be there.
    /// </summary>
    private static bool IsLikeNew(IDirectory parent, IDirectory stale, BundlePlace place)
    {
        string name = $"{place.PartialName}.new";
        IoResult<IDirectory> created = parent.CreateDirectory(name);
        // A run that was killed at this place has left it, and it is as good as a new one.
        if (created.Error.Code == EEXIST)
            created = parent.OpenOwnDirectory(name);
        if (!created.Try(out IDirectory? made, out _))
            return false;
        using (made)
        {
            bool isLike = made.ReadRights(out FileRights own).IsOk
                && stale.ReadRights(out FileRights found).IsOk
                && own == found;
            if (made.ListNames().Value is { Count: 0 })
                _ = parent.RemoveGently(name, made, static () => false);
            return isLike;
        }
    }

    // Another user could make directories that look as if the mount fixed the owner.
    private static bool IsOpenToOthers(Destination destination) =>
        !destination.Place.TrustsAny
            && (!destination.Directory.ReadRights(out FileRights rights).IsOk || rights.IsWritableByOthers);

    private static Refusal? CheckStale(Destination destination, IDirectory stale, Func<bool> isMadeByMount)
    {
        BundlePlace place = destination.Place;
        IoResult locked = stale.Lock();
        if (!locked.IsOk)
        {
            return locked.Error.Code == EAGAIN
                ? DestinationRefusals.AlreadyRunning(place)
                : DestinationRefusals.Unusable(place.PartialPath, locked.Error);
        }

        DirectoryClaim claim = stale.ClaimTo(destination.Directory, place.PartialName);
        if (DestinationRefusals.PartialNotOurs(place, claim) is { } notOurs
            && (claim == DirectoryClaim.Replaced || IsOpenToOthers(destination) || !isMadeByMount()))
        {
            return notOurs;
        }

        if (!stale.ListNames().Try(out IReadOnlyList<string>? names, out Errno error))
            return DestinationRefusals.Unusable(place.PartialPath, error);
        string? other = names.FirstOrDefault(static name => !BundleNames.IsMadeByCopy(name));
        // Where the mount fixes owner and mode, files of other programs look the same.
        if (other is null && claim == DirectoryClaim.Ours
            && !stale.FindForeign(BundleNames.Files).Try(out other, out error))
        {
            return DestinationRefusals.Unusable(place.PartialPath, error);
        }

        if (other is not null)
            return DestinationRefusals.PartialHasOther(place, other);
        string? problem = StaleClaim.Problem(
            stale, names, place.Block, bundle => bundle == place.Bundle, isReplaced: destination.HasBundle,
            isReadLater: true);
        return problem is null ? null : DestinationRefusals.PartialNotCleared(place, problem);
    }
}
