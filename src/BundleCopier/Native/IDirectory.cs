using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// An open directory. The engine reaches everything below it by single names, and never follows a symbolic link. So
/// another program that renames directories above it, or puts links into it, cannot lead the engine to another place.
/// </summary>
internal interface IDirectory : IDisposable
{
    /// <summary>
    /// The name of a filesystem that cannot store files (<see cref="Native.KernelFilesystem"/>); otherwise null.
    /// </summary>
    string? KernelFilesystem { get; }

    /// <summary>
    /// The first directory on the path to this one, or this one, that users other than root and this process's user
    /// can change; null where there is none. Known for a directory that was opened by its path.
    /// </summary>
    UntrustedDirectory? Untrusted { get; }

    /// <summary>
    /// Creates a directory (0700) and opens it. EEXIST when the name is taken, also where another user has put a
    /// directory that is not empty in the place of the new one.
    /// </summary>
    IoResult<IDirectory> CreateDirectory(string name);

    IoResult<IDirectory> OpenDirectory(string name);

    /// <summary>As <see cref="OpenDirectory"/>; EXDEV where another directory is mounted over it.</summary>
    IoResult<IDirectory> OpenOwnDirectory(string name);

    /// <summary>Creates a file (0600) for reading and writing. EEXIST when the name is taken.</summary>
    IoResult<IOutputFile> CreateFile(string name, OutputIo io);

    /// <summary>
    /// Opens a file that an earlier run made, for reading and writing. <see cref="KernelErrors.NotRegular"/> where it
    /// is not a regular file of this user with one name.
    /// </summary>
    IoResult<IOutputFile> OpenOutput(string name, OutputIo io);

    /// <summary>
    /// Creates a file without a name, which disappears when it is closed (O_TMPFILE). EOPNOTSUPP where the filesystem
    /// has no such files, although files with names can be created.
    /// </summary>
    IoResult<IOutputFile> CreateNameless(OutputIo io);

    /// <summary>Opens a regular file for reading, with direct I/O where the filesystem supports it.</summary>
    IoResult<ISourceFile> OpenFile(string name);

    /// <summary>Succeeds when the name exists; ENOENT when it does not.</summary>
    IoResult Probe(string name);

    /// <summary>Renames within this directory. EEXIST when the new name is taken; then nothing has changed.</summary>
    IoResult Rename(string name, string newName);

    /// <summary>
    /// Exchanges two names of this directory in one step, so that each leads to something at every moment. EINVAL
    /// where the filesystem cannot; then nothing has changed.
    /// </summary>
    IoResult Exchange(string name, string other);

    /// <summary>
    /// Gives a file of <see cref="CreateNameless"/> a name. EEXIST when the name is taken; it is never overwritten.
    /// </summary>
    IoResult Link(IOutputFile nameless, string name);

    /// <summary>
    /// As <see cref="Rename"/>, for a file: it never overwrites a name, also on filesystems without
    /// RENAME_NOREPLACE.
    /// </summary>
    IoResult RenameFile(string name, string newName);

    /// <summary>
    /// Removes a name and everything below it. Links are removed, not followed. EXDEV where another filesystem or a
    /// directory of another place is mounted below; what is mounted stays.
    /// </summary>
    IoResult RemoveTree(string name);

    /// <summary>
    /// Removes a directory that is held open and everything below it, in small steps with pauses, so that other
    /// programs get on with the disk meanwhile. It ends early with ECANCELED. Where another user gives its name to
    /// something else meanwhile, that stays, and the error is ESTALE.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="held">The directory of this name.</param>
    /// <param name="isStopped">Asked between the steps whether to end early.</param>
    IoResult RemoveGently(string name, IDirectory held, Func<bool> isStopped);

    /// <summary>
    /// The space that a name and everything below it use, and its last change. EXDEV as <see cref="RemoveTree"/>.
    /// </summary>
    IoResult<TreeUse> Measure(string name);

    /// <summary>
    /// As <see cref="Measure"/>, for a directory of any user: ELOOP where it has more levels than bundles need.
    /// </summary>
    IoResult<TreeUse> MeasureShallow(string name) => Measure(name);

    /// <summary>
    /// Locks the directory for this process until disposed. EAGAIN when another process has locked it.
    /// </summary>
    IoResult Lock();

    /// <summary>
    /// As <see cref="Lock"/>, beside other readers: the directory is being read. EAGAIN when another process has locked
    /// it.
    /// </summary>
    IoResult LockShared();

    /// <summary>As <see cref="Lock"/>. Waits up to some seconds for another process to unlock it.</summary>
    IoResult LockSoon();

    /// <summary>Gives the lock back.</summary>
    void Unlock();

    /// <summary>Opens the counter of the disk below; null where there is none.</summary>
    IDiskCounter? OpenDiskCounter();

    /// <summary>The names in the directory, without "." and "..".</summary>
    IoResult<IReadOnlyList<string>> ListNames();

    /// <summary>Gives the names one by one, without a list of them, until one is answered with false.</summary>
    IoResult ForEachName(Func<string, bool> take)
    {
        if (!ListNames().Try(out IReadOnlyList<string>? names, out Errno error))
            return IoResult.Failed(error);
        _ = names.All(take);
        return IoResult.Done;
    }

    /// <summary>Names that are not known, at most so many. See <see cref="ListNames"/>.</summary>
    /// <param name="isKnown">Asked about each name.</param>
    /// <param name="maxNames">How many names are wanted.</param>
    IoResult<IReadOnlyList<string>> ListOthers(Func<string, bool> isKnown, int maxNames) =>
        ListNames().Try(out IReadOnlyList<string>? names, out Errno error)
            ? IoResult<IReadOnlyList<string>>.Ok([.. names.Where(name => !isKnown(name)).Take(maxNames)])
            : IoResult<IReadOnlyList<string>>.Failed(error);

    /// <summary>
    /// The path of something below a name that no copy of this user makes: not a file (0600) with one name, and not a
    /// directory (0700). Null where there is none.
    /// </summary>
    IoResult<string?> FindForeign(string name) => IoResult<string?>.Ok(null);

    /// <summary>Names can be made in it, and not renamed or removed (chattr +a).</summary>
    bool IsAppendOnly => false;

    /// <summary>Each write takes new blocks, also where space is reserved (copy on write: btrfs, bcachefs).</summary>
    bool WritesElsewhere => false;

    /// <summary>The identity of what has the name; it is not opened. ENOENT when there is nothing.</summary>
    IoResult Identify(string name, out FileIdentity identity);

    /// <summary>
    /// What has the name is not the same file any more, or has another length or a second name: another process has
    /// changed it.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="known">What it was when it was finished.</param>
    bool IsChanged(string name, in FileIdentity known) =>
        !Identify(name, out FileIdentity found).IsOk || found != known || found.Links > 1;

    /// <summary>The directory's own identity.</summary>
    IoResult Identify(out FileIdentity identity);

    /// <summary>
    /// Whether the name in <paramref name="parent"/> leads to this directory; null where the kernel does not tell.
    /// </summary>
    bool? IsAt(IDirectory parent, string name)
    {
        IoResult found = parent.Identify(name, out FileIdentity named);
        if (!found.IsOk)
            return found.Error.Code == ENOENT ? false : null;
        return Identify(out FileIdentity own).IsOk ? named.IsSameFile(own) : null;
    }

    /// <summary>
    /// Tells whether a copy by this user may have created the directory under the name in <paramref name="parent"/>.
    /// </summary>
    DirectoryClaim ClaimTo(IDirectory parent, string name);

    /// <summary>
    /// As <see cref="Probe"/>, and tells in the same look whether what has the name belongs to another user.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="isOfAnother">
    /// True when it belongs neither to this user nor to the owner of the directory, who could rename and remove
    /// everything in it anyway. Some mounts give one owner to all files. True as well for anything but a directory
    /// where other users may write: they can rename a file of any owner to the name (rename(2)), but no directory that
    /// they may not write to.
    /// </param>
    IoResult FindOwner(string name, out bool isOfAnother);

    /// <summary>True when something of another user has the name.</summary>
    bool IsOfAnother(string name) => FindOwner(name, out bool isOfAnother).IsOk && isOfAnother;

    /// <summary>The directory's owner and mode.</summary>
    IoResult ReadRights(out FileRights rights);

    /// <summary>
    /// fsync(2) of the directory: afterwards its names are on disk. A failure is final; never retry.
    /// </summary>
    IoResult Sync();

    /// <summary>
    /// As <see cref="Sync"/>. Some filesystems do not sync directories and say EINVAL (vboxsf, some FUSE servers).
    /// Nothing was lost then, and it is no failure.
    /// </summary>
    IoResult SyncWhereSupported()
    {
        IoResult synced = Sync();
        return synced.Error.Code == EINVAL ? IoResult.Done : synced;
    }

    /// <summary>
    /// syncfs(2): afterwards everything that was written to the filesystem is on disk. A failure is final; never
    /// retry.
    /// </summary>
    IoResult SyncFilesystem();

    /// <summary>
    /// Begins <see cref="SyncFilesystem"/>. Files may be written meanwhile; the directory must stay open until it has
    /// ended.
    /// </summary>
    FilesystemSync BeginSyncFilesystem() => FilesystemSync.Now(SyncFilesystem);

    /// <summary>The free bytes that this user may use; EOPNOTSUPP where the filesystem does not tell.</summary>
    IoResult FreeBytes();

    /// <summary>The size of the filesystem in bytes; EOPNOTSUPP where the filesystem does not tell.</summary>
    IoResult TotalBytes();

    /// <summary>
    /// Creates a file without a name for timing writes; it disappears when it is closed. EOPNOTSUPP where the
    /// filesystem has no such files.
    /// </summary>
    IoResult<IProbeFile> CreateProbe();

    /// <summary>Tries on a file without a name how to write without leaving data in the page cache.</summary>
    IoResult<DestinationTraits> ProbeOutputIo();
}

/// <summary>A file without a name, for measuring how long a write takes.</summary>
internal interface IProbeFile : IDisposable
{
    /// <summary>
    /// Writes the same 4 KiB through the page cache and waits until they are on disk (fdatasync(2)), like a program
    /// that writes a log.
    /// </summary>
    IoResult WriteAndSync();
}

/// <summary>What a directory and everything below it use.</summary>
/// <param name="AllocatedBytes">The space on the disk.</param>
/// <param name="ModifiedAt">The last change of anything in it.</param>
internal readonly record struct TreeUse(long AllocatedBytes, DateTimeOffset ModifiedAt)
{
    public TreeUse With(TreeUse other) => new(
        AllocatedBytes + other.AllocatedBytes, other.ModifiedAt > ModifiedAt ? other.ModifiedAt : ModifiedAt);
}

/// <summary>Whether a directory with the name of a bundle in progress belongs to this user's copies.</summary>
internal enum DirectoryClaim
{
    /// <summary>This user owns it, and no other user may use it: so a copy creates directories.</summary>
    Ours,

    /// <summary>The name now leads to something else.</summary>
    Replaced,

    /// <summary>Another user owns it.</summary>
    OfAnother,

    /// <summary>This user owns it, but group or world may use it too, which a copy never allows.</summary>
    OpenToOthers,
}

/// <summary>The owner and the mode of a file or directory (stat(2)).</summary>
internal readonly record struct FileRights(uint Uid, uint Mode)
{
    /// <summary>See <see cref="DirectoryTrust.WritableByOthers"/>.</summary>
    public bool IsWritableByOthers => (Mode & DirectoryTrust.WritableByOthers) != 0;
}

/// <summary>How the destination's filesystem can be written, found by trying.</summary>
internal sealed record DestinationTraits(OutputIo Io);
