using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>The messages for a destination that cannot take a bundle.</summary>
internal static class DestinationRefusals
{
    /// <summary>Advice that a command makes more precise: it knows its option for the destination.</summary>
    public const string AnotherDirectory = "name another directory";

    private const string RemoveIt = "Remove it if it is not needed, or give the bundle another name.";

    /// <summary>The destination is not a directory that exists.</summary>
    /// <param name="path">The destination.</param>
    /// <param name="error">The error of opening it.</param>
    /// <param name="obstacle">The part of the path that is missing or is not a directory; null when unknown.</param>
    public static Refusal Missing(string path, Errno error, PathObstacle? obstacle)
    {
        bool isItself = obstacle?.Path == path.TrimEnd('/');
        return Refusal.Of(RefusalKind.DestinationMissing, error, $"The destination {path} " + obstacle switch
        {
            { IsMissing: false } when isItself =>
                "is not a directory. Move what is there out of the way, or name another directory.",
            { IsMissing: false } file =>
                $"cannot exist: {file.Problem}. Move that out of the way, or name another directory.",
            { IsMissing: true } gap when !isItself =>
                $"is not a directory that exists: {gap.Problem}. Make it, or name another directory.",
            _ => "is not a directory that exists. Make it, or name another directory.",
        });
    }

    public static Refusal StoresNothing(string path, string filesystem) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        new Errno(EOPNOTSUPP),
        $"The destination {path} is on {filesystem}, which the kernel makes up: files cannot be stored "
            + "there: name another directory.");

    public static Refusal Unusable(string path, Errno error) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        error,
        error.Code == ELOOP
            ? $"The destination {path} leads through a symbolic link below a directory that other users can change "
                + $"({error.Name}), which is not followed. Name the directory itself."
            : $"The destination {path} cannot be used: {error.Name}. {MendOf(error)}");

    /// <summary>Other users could rename what the copy makes, or lead it to another place.</summary>
    public static Refusal Untrusted(string path, UntrustedDirectory untrusted)
    {
        string where = untrusted.Path is null ? "A directory on its path"
            : untrusted.Path == path.TrimEnd('/') ? "It" : $"The directory {untrusted.Path}";
        return Refusal.Of(
            RefusalKind.DestinationUnusable,
            Errno.None,
            $"The destination {path} is not safe from other users. {where} {untrusted.Problem}, so they could rename "
                + "or replace the bundle. Give it to root or to this user and take the right to write from others "
                + "(chmod go-w, or chmod +t as for /tmp), name another directory, or set "
                + $"{SettingKeys.Full(SettingKeys.DestinationTrust)} = any.");
    }

    private static string MendOf(Errno error)
    {
        const string Another = ", or name another directory.";
        return error.Code == EACCES ? "Give this user the right to write there" + Another
            : error.Code == EPERM ? "Take its attributes away (chattr -ai), or check its owner" + Another
            : error.Code == EROFS ? "It is mounted read-only: mount it read-write" + Another
            : error.Code == ENOMEM ? "The kernel has no memory: free some, or raise the limit of the cgroup."
            : error.Code == EMFILE || error.Code == ENFILE
                ? "Too many files are open: raise the limit (ulimit -n, LimitNOFILE=)."
            : error.Code == EFBIG ? "Raise the limit of the size of files (ulimit -f, LimitFSIZE=)."
            : error.Code == ENAMETOOLONG ? "Its path is too long" + Another
            : error.Code == ENOLCK || error.Code == EOPNOTSUPP
                ? "Its filesystem has no locks (flock(2)), which a copy needs: mount it with locks" + Another
            : error.Code == ESTALE ? "The server of its filesystem has lost it: mount it again" + Another
            : error.Code == EMLINK ? "It has too many directories: remove some" + Another
            : "Check its owner and its filesystem" + Another;
    }

    public static Refusal Full(string path, Errno error) => Refusal.Of(
        RefusalKind.DestinationFull,
        error,
        $"The destination {path} has no room for even a receipt ({error.Name}). "
            + (error.Code == EDQUOT ? "Raise the quota of this user" : "Free space (df -h) or inodes (df -i)")
            + ", or name another directory.");

    /// <summary>So little is free that a receipt would take from what must stay free.</summary>
    public static Refusal KeptFree(BundlePlace place) => Refusal.Of(
        RefusalKind.DestinationFull,
        new Errno(ENOSPC),
        $"The destination {place.Path} has no room for even a receipt, because "
            + $"{SettingKeys.Full(SettingKeys.DestinationKeepFree)} keeps {place.KeepFree} of it free. "
            + "Free space (df -h), lower the setting, or name another directory.");

    public static Refusal IoNotSupported(string path, OutputIo io, Errno error) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        error,
        $"The filesystem of {path} cannot be written by {io.ToString().ToLowerInvariant()} I/O ({error.Name}). "
            + "Set bundle-copier.writer.io = auto.");

    /// <summary>A file or directory could not be created at the destination.</summary>
    public static Refusal NotCreated(string path, OutputIo io, Errno error)
    {
        if (error.IsNoSpace)
            return Full(path, error);
        return error.Code == EINVAL && io == OutputIo.Direct
            ? IoNotSupported(path, io, error)
            : Unusable(path, error);
    }

    public static Refusal BundleExists(BundlePlace place) => Refusal.Of(
        RefusalKind.BundleExists,
        new Errno(EEXIST),
        $"{place.BundlePath} exists already. Give the bundle another name, or replace that one.");

    /// <summary>What has the bundle's name is not to be replaced.</summary>
    public static Refusal NotReplaced(BundlePlace place, NoBundle other) => Refusal.Of(
        RefusalKind.BundleExists,
        other.Error,
        $"{place.BundlePath} {other.Why}, and is not replaced. "
            + (other == NoBundle.Kept
                ? $"Remove the file {BundleNames.Keep}, or give the bundle another name."
                : "Move it away, or give the bundle another name."));

    /// <summary>The filesystem cannot exchange two names.</summary>
    public static Refusal CannotExchange(BundlePlace place) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        new Errno(EINVAL),
        $"The filesystem of {place.Path} cannot exchange two names in one step (RENAME_EXCHANGE), so "
            + $"{place.BundlePath} cannot be replaced without a moment at which neither bundle has the name. "
            + "Move it away, or give the bundle another name.");

    /// <summary>The copy was stopped before all that an earlier copy has saved was compared.</summary>
    /// <param name="place">The bundle.</param>
    /// <param name="savedBytes">Data that is saved, in bytes.</param>
    public static Refusal Stopped(BundlePlace place, long savedBytes) => Refusal.Of(
        RefusalKind.Stopped,
        Errno.None,
        "Nothing is committed yet: the copy was stopped before it had compared all that an earlier copy has saved. "
            + $"{ByteSize.Format(savedBytes)} stay in {place.PartialPath}; the same command goes on from there.");

    /// <summary>An earlier copy has saved something of sources that cannot be opened any more.</summary>
    public static Refusal SourcesGone(BundlePlace place, long savedBytes) => Refusal.Of(
        RefusalKind.NotCommitted,
        Errno.None,
        "Nothing is committed: no source has any data that could be read, and an earlier copy has saved "
            + $"{ByteSize.Format(savedBytes)} of them. They stay in {place.PartialPath}. "
            + "The same command goes on once the sources are there; to start over without them, remove that "
            + "directory.");

    public static Refusal AlreadyRunning(BundlePlace place) => Refusal.Of(
        RefusalKind.AlreadyRunning,
        Errno.None,
        $"Another process is copying {place.Bundle} to {place.Path}. Wait for it, or give the bundle another name.");

    /// <summary>The bundle's partial name is taken, and what has it cannot be opened as a directory.</summary>
    public static Refusal PartialNotOpened(BundlePlace place, Errno error)
    {
        string? found = error.Code == ENOTDIR || error.Code == ELOOP ? "is not a directory"
            : error.Code == EACCES ? "may not be opened by this user"
            : null;
        return found is null ? Unusable(place.PartialPath, error) : Refusal.Of(
            RefusalKind.DestinationUnusable,
            error,
            $"{place.PartialPath} {found} ({error.Name}), and is in the way: "
                + $"the bundle has that name while it is made. {RemoveIt}");
    }

    /// <summary>The bundle's partial name belongs to a directory that no copy of this user has left.</summary>
    /// <returns>Null when a copy of this user has left it.</returns>
    public static Refusal? PartialNotOurs(BundlePlace place, DirectoryClaim claim)
    {
        return claim == DirectoryClaim.Ours ? null : Refusal.Of(
            RefusalKind.DestinationUnusable,
            Errno.None,
            $"{place.PartialPath} {InWords(claim)}: it is not what an earlier copy of yours left, and is not "
                + $"cleared away. {RemoveIt}");
    }

    /// <summary>Why a directory is not this user's: the rest of a sentence that begins with its path.</summary>
    public static string InWords(DirectoryClaim claim) => claim switch
    {
        DirectoryClaim.OfAnother => "belongs to another user",
        DirectoryClaim.OpenToOthers => "was not made by a copy, whose directories are open to their owner alone (0700)",
        DirectoryClaim.Replaced => "was put in place of another directory just now, or is gone",
        _ => throw new ArgumentOutOfRangeException(nameof(claim), claim, "This user's directory needs no reason."),
    };

    /// <summary>The mount fixes owner or mode, and the settings require a private bundle.</summary>
    public static Refusal NotPrivate(string path) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        Errno.None,
        $"The filesystem of {path} fixes the owner or the mode of files, so other users may read the bundle, and "
            + $"{SettingKeys.Full(SettingKeys.DestinationPrivacy)} is require. Mount it with options that keep other "
            + "users out (uid= and umask=077), choose another destination, or set it to prefer.");

    /// <summary>A directory with the partial name contains what no copy makes.</summary>
    public static Refusal PartialHasOther(BundlePlace place, string other) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        Errno.None,
        $"{place.PartialPath} contains {other}, which no copy makes, so the directory is not cleared away. {RemoveIt}");

    /// <summary>The warning about something in a committed bundle that is not of the copy.</summary>
    public static string Foreign(BundlePlace place, string name) =>
        $"{PathText.Join(place.BundlePath, name)} is not in the receipt: another program has put it there, or what had "
        + "failed could not be removed. Look at it, and remove it";

    /// <summary>A directory with the partial name is not what a copy of this bundle has left.</summary>
    public static Refusal PartialNotCleared(BundlePlace place, string problem) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        Errno.None,
        $"{place.PartialPath} {problem}, so it is not cleared away. Give it another name (mv), or remove it if it is "
            + "not needed.");

    /// <summary>The warning about what an earlier copy has left, where the disk did not let it be read.</summary>
    public static string PartialUnread(BundlePlace place, Errno error) =>
        $"What an earlier copy has saved in {place.PartialPath} could not be read ({error.Name}), and stays "
        + "there. This copy has copied everything again. Check the disk (dmesg). Then look at that directory, and "
        + "remove it";

    /// <summary>What an earlier copy left could not be removed.</summary>
    public static Refusal NotRemoved(BundlePlace place, Errno error) => Refusal.Of(
        RefusalKind.DestinationUnusable,
        error,
        $"What an earlier copy left in {place.PartialPath} could not be removed ({error.Name}). "
            + (error.Code == EXDEV || error.Code == EBUSY ? "Unmount what is mounted below it"
                : error.Code == EPERM ? "Take the attributes of its files away (chattr -R -ai)"
                : "Remove it")
            + ", or give the bundle another name.");

    /// <summary>A finished file was removed, replaced or changed before the commit.</summary>
    public static Refusal OutputChanged(BundlePlace place, string name) => Refusal.Of(
        RefusalKind.NotCommitted,
        Errno.None,
        $"Nothing is committed: another process changed {name} in {place.PartialPath} during the copy. "
            + "Use a destination in which no other process works, and copy again.");

    public static Refusal NotCommitted(BundlePlace place, string step, Errno error) => Refusal.Of(
        RefusalKind.NotCommitted,
        error,
        $"Nothing is committed: {step} failed with {error.Name}. "
            + $"What was copied is in {place.PartialPath}; do not rely on it. "
            + (error.Code == EPERM ? $"Take the attributes of {place.Path} away (chattr -ai)"
                : error.Code == EACCES ? $"Give this user the right to write in {place.Path}"
                : error.Code == EDQUOT ? "Raise the quota of this user"
                : error.IsNoSpace ? "Free space (df -h) or inodes (df -i)"
                : error.Code == EFBIG ? "Raise the limit of the size of files (ulimit -f, LimitFSIZE=)"
                : "Check the disk (dmesg)")
            + " and copy again.");

    /// <summary>The bundle has its name, which could be neither synced nor taken back.</summary>
    public static Refusal NameStays(BundlePlace place, Errno error, Errno stays) => Refusal.Of(
        RefusalKind.NotCommitted,
        error,
        $"Nothing is committed: syncing the destination failed with {error.Name}. {place.BundlePath} is there all "
            + $"the same, because its name could not be taken back ({stays.Name}), and a power cut may remove it. "
            + "Check the disk, remove what is there and copy again.");

    /// <summary>The copy was given up before the bundle could get its name. The caller was told by then.</summary>
    public static Refusal GivenUp(BundlePlace place) => Refusal.Of(
        RefusalKind.DestinationHung, Errno.None, $"Nothing is committed: the copy to {place.BundlePath} was given up.");

    /// <summary>The destination does not answer.</summary>
    /// <param name="path">The destination.</param>
    /// <param name="bundle">The name of the bundle.</param>
    /// <param name="silentFor">How long it has been waited for, such as "30 s".</param>
    /// <param name="isNaming">The bundle was being renamed.</param>
    public static Refusal Hung(string path, string bundle, string silentFor, bool isNaming)
    {
        BundlePlace place = new(path, bundle, WantedIo: null, ReceiptBytes: 0, ShortReceiptBytes: 0, Block: 0);
        return Refusal.Of(
            RefusalKind.DestinationHung,
            Errno.None,
            $"The destination {path} did not answer for {silentFor}; nothing is committed. "
                + (isNaming
                    ? $"The bundle was just getting its name: if {place.BundlePath} is there later, it is whole, but "
                        + "verify it. "
                    : $"{place.PartialPath} stays, if it was made. ")
                + "Check its disk or its server (dmesg) and copy again, or raise "
                + $"{SettingKeys.Full(SettingKeys.StallTimeout)} for a disk that is only slow. "
                + "Until it answers, the kernel may keep this process from ending.");
    }

    /// <summary>Another program has put another directory under the bundle's name.</summary>
    public static Refusal Replaced(BundlePlace place) => Refusal.Of(
        RefusalKind.NotCommitted,
        Errno.None,
        $"Nothing is committed: {place.BundlePath} is not what was copied, but another directory by now. "
            + "Use a destination in which no other user may write.");
}
