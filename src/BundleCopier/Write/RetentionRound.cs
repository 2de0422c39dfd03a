using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Looks at everything in a destination once, and gives hidden names to the bundles that go. The caller has locked the
/// destination.
/// </summary>
/// <param name="destination">The destination; it has the new bundle.</param>
/// <param name="limits">The limits of retention.</param>
/// <param name="now">The time.</param>
/// <param name="given">Hidden names that could not be removed, and are not tried again.</param>
/// <param name="warn">Gets the problems.</param>
internal sealed class RetentionRound(
    Destination destination, RetentionSettings limits, DateTimeOffset now, HashSet<string> given, Action<string> warn)
    : IDisposable
{
    // Each is held open, with its lock, until it is removed.
    private const int MaxCondemned = 100;

    private readonly List<KnownBundle> bundles = [];
    private readonly Dictionary<string, Errno> inUse = []; // bundles that another process has locked
    private long beingFreedBytes;

    /// <summary>A bundle with a hidden name, which is locked.</summary>
    /// <param name="Name">The name that it had.</param>
    /// <param name="HiddenName">The name that it has.</param>
    /// <param name="Reason">Why it goes.</param>
    /// <param name="FinishedAt">When its copy ended; null where that is not known.</param>
    /// <param name="Directory">The directory, which holds the lock.</param>
    public sealed record CondemnedBundle(
        string Name, string HiddenName, RemovalReason Reason, DateTimeOffset? FinishedAt, IDirectory Directory);

    /// <summary>The bundles to remove, in their order.</summary>
    public List<CondemnedBundle> Condemned { get; } = [];

    /// <summary>There were more than one round takes.</summary>
    public bool MayHaveMore => Condemned.Count >= MaxCondemned;

    private IDirectory Directory => destination.Directory;

    private BundlePlace Place => destination.Place;

    /// <summary>Finds what goes, and hides it.</summary>
    /// <param name="isStopped">Asked between the steps whether to end early.</param>
    public void Choose(Func<bool> isStopped)
    {
        if (!Directory.ListNames().Try(out IReadOnlyList<string>? names, out Errno error))
        {
            warn($"{Place.Path} could not be read to find old bundles ({error.Name}).");
            return;
        }

        foreach (string name in names.Order(StringComparer.Ordinal).TakeWhile(_ => !MayHaveMore && !isStopped()))
            Look(name);
        if (!limits.LimitsBundles)
            return;
        RetentionPlan plan = new(bundles, limits, FreeBytes(), TotalBytes());
        while (!MayHaveMore && !isStopped() && plan.Next() is var (bundle, reason))
        {
            if (!Condemn(bundle, reason))
                plan.Stays(bundle);
        }

        WarnOfLocks(plan);
    }

    public void Dispose()
    {
        foreach (CondemnedBundle condemned in Condemned)
            condemned.Directory.Dispose();
    }

    private void Look(string name)
    {
        if (name == Place.PartialName)
            return;
        if (BundleNames.IsCondemned(name))
            LookAtUnfinished(name);
        else if (BundleNames.IsPartial(name))
            LookAtPartial(name);
        else if (limits.LimitsBundles && !name.StartsWith('.'))
            LookAtBundle(name);
    }

    private void LookAtBundle(string name)
    {
        TreeUse use;
        if (name == destination.BundleName)
        {
            _ = Directory.Measure(name).Try(out use, out _);
            bundles.Add(new KnownBundle(name, use.AllocatedBytes, now, MayGo: false));
            return;
        }

        if (!OldBundle.Open(Directory, name, Place.Block).Try(out OldBundle? found, out _))
            return;
        using (found)
        {
            // The lock is given back at once. A bundle that is being read or made has another.
            bool mayGo = !found.IsKept && !IsBetterOne(name) && TryLock(name, found.Directory);
            // A bundle with something else mounted below it is not removed either.
            bool isMeasured = Directory.Measure(name).Try(out use, out _);
            DateTimeOffset finishedAt = found.Head.FinishedAt ?? use.ModifiedAt;
            bundles.Add(new KnownBundle(name, use.AllocatedBytes, finishedAt, mayGo && isMeasured));
        }
    }

    // A run that was killed has left it, or another run removes it just now. Its space becomes free in any case.
    private void LookAtUnfinished(string name)
    {
        // Where other users can rename bundles, one of them may have given the name to a bundle that is to stay.
        if (given.Contains(name) || Directory.Untrusted is not null
            || OpenOwn(name, mustBePrivate: false) is not { } directory)
        {
            return;
        }

        if (Directory.Measure(name).Try(out TreeUse use, out _))
            beingFreedBytes += use.AllocatedBytes;
        Take(directory, () => directory.Lock().IsOk
            ? new CondemnedBundle(name, name, RemovalReason.Unfinished, null, directory)
            : null);
    }

    private void LookAtPartial(string name)
    {
        // Where other users can rename bundles, one of them may have given the name to a bundle that is to stay.
        if (limits.PartialMaxAge is not { } maxAge || Directory.Untrusted is not null
            || OpenOwn(name, mustBePrivate: true) is not { } directory)
        {
            return;
        }

        // A copy that runs holds the lock of its directory.
        TreeUse use = default;
        bool isTaken = Take(directory, () => directory.Lock().IsOk
            && IsOfKilledCopy(directory, BundleNames.BundleOfPartial(name))
            && Directory.Measure(name).Try(out use, out _)
            && now - use.ModifiedAt > maxAge
            && Hide(name, directory) is { } hidden
            ? new CondemnedBundle(name, hidden, RemovalReason.PartialMaxAge, null, directory)
            : null);
        beingFreedBytes += isTaken ? use.AllocatedBytes : 0;
    }

    /// <summary>Keeps what is condemned, and closes what is not.</summary>
    private bool Take(IDisposable held, Func<CondemnedBundle?> condemn)
    {
        CondemnedBundle? condemned = null;
        try
        {
            condemned = condemn();
        }
        finally
        {
            if (condemned is null)
                held.Dispose();
        }

        if (condemned is not null)
            Condemned.Add(condemned);
        return condemned is not null;
    }

    /// <summary>Opens a directory that this user's copies have made; null for any other.</summary>
    private IDirectory? OpenOwn(string name, bool mustBePrivate)
    {
        if (!Directory.OpenDirectory(name).Try(out IDirectory? directory, out _))
            return null;
        DirectoryClaim claim = directory.ClaimTo(Directory, name);
        if ((claim == DirectoryClaim.Ours || (claim == DirectoryClaim.OpenToOthers && !mustBePrivate))
            && directory.ListNames().Try(out IReadOnlyList<string>? names, out _)
            && names.All(BundleNames.IsMadeByCopy))
        {
            return directory;
        }

        directory.Dispose();
        return null;
    }

    private bool IsOfKilledCopy(IDirectory partial, string bundle) =>
        partial.ListNames().Try(out IReadOnlyList<string>? names, out _)
        && StaleClaim.Problem(
            partial, names, Place.Block, owner => FreeName.IsOf(owner, bundle), HasBundle(bundle)) is null;

    private bool HasBundle(string name)
    {
        bool isThere = OldBundle.Open(Directory, name, Place.Block).Try(out OldBundle? found, out _);
        found?.Dispose();
        return isThere;
    }

    private bool Condemn(KnownBundle bundle, RemovalReason reason)
    {
        // It is looked at once more, because the user may have marked it meanwhile. If it is gone, its space is free.
        if (!OldBundle.Open(Directory, bundle.Name, Place.Block).Try(out OldBundle? found, out NoBundle? other))
            return other.Error.Code == ENOENT;
        return Take(found, () => !found.IsKept && TryLock(bundle.Name, found.Directory)
            && Hide(bundle.Name, found.Directory) is { } hidden
            ? new CondemnedBundle(bundle.Name, hidden, reason, bundle.FinishedAt, found.Directory)
            : null);
    }

    private bool TryLock(string name, IDirectory bundle)
    {
        IoResult locked = bundle.Lock();
        if (!locked.IsOk)
            inUse[name] = locked.Error;
        return locked.IsOk;
    }

    // It stays because it holds more than the new one, so it must not go for its age just now.
    private bool IsBetterOne(string name) => destination.Better?.Name == name;

    // Any user who may read a bundle can lock it for ever (flock(2)). That must not go unnoticed.
    private void WarnOfLocks(RetentionPlan plan)
    {
        foreach (KnownBundle bundle in bundles.Where(b => inUse.ContainsKey(b.Name) && plan.WouldTake(b)))
        {
            warn($"{PathText.Join(Place.Path, bundle.Name)} is beyond the limits of retention, and stays: another "
                + $"process reads it, or has locked it ({inUse[bundle.Name].Name}; flock(2)). A later copy removes "
                + "it.");
        }
    }

    private string? Hide(string name, IDirectory expected)
    {
        string hidden = BundleNames.Expired(name);
        IoResult renamed = Directory.Rename(name, hidden);
        if (renamed.IsOk)
        {
            if (expected.IsAt(Directory, hidden) != false)
                return hidden;
            // A copy with --replace has put a new bundle under the name at the last moment.
            _ = Directory.Rename(hidden, name);
            return null;
        }

        warn($"{PathText.Join(Place.Path, name)} could not be removed: "
            + $"renaming it failed with {renamed.Error.Name}.");
        return null;
    }

    private long? FreeBytes()
    {
        IoResult free = Directory.FreeBytes();
        if (free.IsOk)
            return free.Value + beingFreedBytes;
        if (limits.KeepFree is not null)
        {
            warn($"{SettingKeys.Full(SettingKeys.RetentionKeepFree)} has no effect: the filesystem of {Place.Path} "
                + $"does not tell its free space ({free.Error.Name}).");
        }

        return null;
    }

    private long? TotalBytes()
    {
        if (limits.KeepFree?.Percent is null && limits.MaxUse?.Percent is null)
            return null;
        IoResult total = Directory.TotalBytes();
        if (total.IsOk)
            return total.Value;
        warn($"Limits in percent have no effect: the filesystem of {Place.Path} does not tell its size "
            + $"({total.Error.Name}).");
        return null;
    }
}
