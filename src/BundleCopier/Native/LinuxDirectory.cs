using System.Runtime.InteropServices;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A directory of the real kernel, held open.</summary>
/// <param name="handle">Its descriptor, which this object owns.</param>
/// <param name="untrusted">See <see cref="IDirectory.Untrusted"/>.</param>
internal sealed unsafe class LinuxDirectory(FileHandle handle, UntrustedDirectory? untrusted = null) : IDirectory
{
    private const int PrivateDirectory = 0x1C0; // 0700
    private const int PrivateFile = 0x180; // 0600

    // statfs(2), linux/magic.h
    private const long BtrfsMagic = 0x9123683E;
    private const long BcachefsMagic = 0xCA451A4E;

    // Another run holds the lock of a destination while it chooses what to remove, which takes milliseconds.
    private const int MaxLockWaitMs = 5_000;
    private const int LockWaitMs = 10;

    // Read once for all files of the directory.
    private bool? masksOwner;

    public string? KernelFilesystem =>
        Calls.FilesystemStatus(handle, out StatFs status).IsOk ? Native.KernelFilesystem.NameOf(status.Type) : null;

    public UntrustedDirectory? Untrusted => untrusted;

    public IoResult<IDirectory> CreateDirectory(string name)
    {
        using (FileHandle.Loan loan = handle.Borrow())
        {
            fixed (byte* path = Calls.ToBytes(name))
            {
                int result = mkdirat(loan.Fd, path, PrivateDirectory);
                int error = errno;
                if (result != 0)
                    return IoResult<IDirectory>.Failed(error);
            }

            // The umask may take rights from the owner; without them, the directory cannot even be opened.
            if (Umask.TakesFromOwner()
                && Calls.OpenAt(loan.Fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW).Try(out FileHandle? made, out _))
            {
                using (made)
                    Calls.SetMode(made, PrivateDirectory);
            }
        }

        IoResult<IDirectory> opened = OpenDirectory(name);
        bool isContested = OthersMayRename();
        if (!opened.Try(out IDirectory? created, out _))
        {
            // Nothing stays of what the caller does not get, for example where too many files are open.
            if (!isContested)
                _ = DirectoryTree.Unlink(handle, name, AT_REMOVEDIR);
            return opened;
        }

        if (!isContested)
            return opened;
        // Between mkdirat(2) and openat(2), another user can rename a directory over the new one, which is empty:
        // rename(2) allows that, and removes the new one. What is not empty is not the new directory.
        bool isEmpty = true;
        IoResult listed = created.ForEachName(_ => isEmpty = false);
        if (listed.IsOk && isEmpty)
            return opened;
        created.Dispose();
        bool isReplaced = listed.IsOk || listed.Error.Code == ENOENT;
        return IoResult<IDirectory>.Failed(isReplaced ? EEXIST : listed.Error.Code);
    }

    public IoResult<IDirectory> OpenDirectory(string name) =>
        DirectoryTree.Open(handle, name).Try(out FileHandle? found, out Errno error)
            ? IoResult<IDirectory>.Ok(new LinuxDirectory(found))
            : IoResult<IDirectory>.Failed(error);

    public IoResult<IDirectory> OpenOwnDirectory(string name)
    {
        if (!DirectoryTree.Open(handle, name).Try(out FileHandle? found, out Errno error))
            return IoResult<IDirectory>.Failed(error);
        if (Calls.MountOf(found) == Calls.MountOf(handle))
            return IoResult<IDirectory>.Ok(new LinuxDirectory(found));
        found.Dispose();
        return IoResult<IDirectory>.Failed(EXDEV);
    }

    public IoResult<IOutputFile> OpenOutput(string name, OutputIo io)
    {
        // O_NONBLOCK: opening a FIFO must not wait for another process.
        int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | (io == OutputIo.Direct ? O_DIRECT : 0);
        using FileHandle.Loan loan = handle.Borrow();
        if (!Calls.OpenAt(loan.Fd, name, flags).Try(out FileHandle? file, out Errno error))
            return IoResult<IOutputFile>.Failed(error);
        IoResult result = Calls.Status(file, out FileStat status);
        bool isOwn = result.IsOk && status.IsFile && status.Links == 1
            && status.Uid == (uint)geteuid() && Calls.MountOf(file) == Calls.MountOf(handle);
        if (isOwn)
            return IoResult<IOutputFile>.Ok(new LinuxOutputFile(file, io));
        file.Dispose();
        return IoResult<IOutputFile>.Failed(result.IsOk ? KernelErrors.NotRegular : result.Error.Code);
    }

    public IoResult<IOutputFile> CreateFile(string name, OutputIo io)
    {
        int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | (io == OutputIo.Direct ? O_DIRECT : 0);
        using FileHandle.Loan loan = handle.Borrow();
        if (!Calls.OpenAt(loan.Fd, name, flags, PrivateFile).Try(out FileHandle? file, out Errno error))
            return IoResult<IOutputFile>.Failed(error);
        return IoResult<IOutputFile>.Ok(new LinuxOutputFile(Private(file), io));
    }

    public IoResult<IOutputFile> CreateNameless(OutputIo io) =>
        OutputIoProbe.OpenNameless(handle, io == OutputIo.Direct ? O_DIRECT : 0)
            .Try(out FileHandle? file, out Errno error)
            ? IoResult<IOutputFile>.Ok(new LinuxOutputFile(Private(file), io))
            : IoResult<IOutputFile>.Failed(error);

    // The umask may take rights from the owner.
    private FileHandle Private(FileHandle file)
    {
        if (masksOwner ??= Umask.TakesFromOwner())
            Calls.SetMode(file, PrivateFile);
        return file;
    }

    public IoResult<ISourceFile> OpenFile(string name)
    {
        FileHandle? found;
        using (FileHandle.Loan loan = handle.Borrow())
        {
            if (!Calls.OpenAt(loan.Fd, name, O_PATH | O_NOFOLLOW).Try(out found, out Errno error))
                return IoResult<ISourceFile>.Failed(error);
        }

        using (found)
        {
            IoResult result = Calls.Status(found, out FileStat status);
            return result.IsOk
                ? LinuxSourceFile.Open(
                    new PathWalk.Place(found, status, isOpenToOthers: false), name: new FoundName(handle, name))
                : IoResult<ISourceFile>.Failed(result.Error);
        }
    }

    public IoResult Probe(string name) => Calls.StatusAt(handle, name, out _);

    public IoResult Rename(string name, string newName)
    {
        IoResult renamed = RenameNoReplace(name, newName);
        // What is renamed here is a directory, and that never replaces anything but an empty one.
        if (KnowsNoFlags(renamed))
            renamed = RenameOver(name, newName);
        return renamed.Error.Code == ENOTEMPTY || renamed.Error.Code == ENOTDIR ? IoResult.Failed(EEXIST) : renamed;
    }

    public IoResult Exchange(string name, string other)
    {
        IoResult exchanged = RenameWith(RENAME_EXCHANGE, name, other);
        return KnowsNoFlags(exchanged) ? IoResult.Failed(EINVAL) : exchanged;
    }

    public IoResult Link(IOutputFile nameless, string name)
    {
        using FileHandle.Loan file = ((LinuxOutputFile)nameless).Handle.Borrow();
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* from = Calls.ToBytes($"/proc/self/fd/{file.Fd}"), to = Calls.ToBytes(name))
        {
            int result = linkat(AT_FDCWD, from, loan.Fd, to, AT_SYMLINK_FOLLOW);
            int error = errno;
            if (result == 0 || error != ENOENT)
                return result == 0 ? IoResult.Done : IoResult.Failed(error);
            // /proc is not mounted. This way needs no /proc, but CAP_DAC_READ_SEARCH before Linux 6.10.
            byte nothing = 0;
            result = linkat(file.Fd, &nothing, loan.Fd, to, AT_EMPTY_PATH);
            error = errno;
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }

    public IoResult RenameFile(string name, string newName)
    {
        IoResult renamed = RenameNoReplace(name, newName);
        if (!KnowsNoFlags(renamed))
            return renamed;
        // link(2) never overwrites a name.
        IoResult linked = LinkTo(name, newName);
        if (linked.IsOk)
            return DirectoryTree.Unlink(handle, name);
        if (linked.Error.Code == EEXIST)
            return linked;
        // The filesystem has no hard links: take the name first, which fails where it is taken.
        if (!CreateFile(newName, OutputIo.Bounded).Try(out IOutputFile? taken, out Errno refused))
            return IoResult.Failed(refused);
        taken.Dispose();
        renamed = RenameOver(name, newName);
        if (!renamed.IsOk)
            _ = DirectoryTree.Unlink(handle, newName);
        return renamed;
    }

    public IoResult<IReadOnlyList<string>> ListNames() => DirectoryNames.List(handle);

    public IoResult ForEachName(Func<string, bool> take) => DirectoryNames.List(handle, take);

    public IoResult<IReadOnlyList<string>> ListOthers(Func<string, bool> isKnown, int maxNames) =>
        DirectoryNames.List(handle, isKnown, maxNames);

    public IoResult<string?> FindForeign(string name) => DirectoryTree.FindForeign(handle, name);

    public bool WritesElsewhere => Calls.FilesystemStatus(handle, out StatFs status).IsOk
        && (long)status.Type is BtrfsMagic or BcachefsMagic;

    public bool IsAppendOnly => Calls.IsAppendOnly(handle);

    public IoResult Identify(string name, out FileIdentity identity)
    {
        IoResult result = Calls.StatusAt(handle, name, out FileStat status);
        identity = status.Identity;
        return result;
    }

    public IoResult Identify(out FileIdentity identity)
    {
        IoResult result = Calls.Status(handle, out FileStat status);
        identity = status.Identity;
        return result;
    }

    public IoResult RemoveTree(string name) => DirectoryTree.Remove(handle, name);

    public IoResult RemoveGently(string name, IDirectory held, Func<bool> isStopped) =>
        DirectoryTree.RemoveHeld(handle, name, ((LinuxDirectory)held).OwnHandle, new GentleRemoval(isStopped));

    public IoResult<TreeUse> Measure(string name) => DirectoryTree.Measure(handle, name);

    public IoResult<TreeUse> MeasureShallow(string name) =>
        DirectoryTree.Measure(handle, name, DirectoryTree.BundleLevels);

    public IoResult Lock() => Lock(LOCK_EX);

    public IoResult LockShared() => Lock(LOCK_SH);

    public IoResult LockSoon()
    {
        IoResult locked = Lock();
        for (int waitedMs = 0; locked.Error.Code == EAGAIN && waitedMs < MaxLockWaitMs; waitedMs += LockWaitMs)
        {
            _ = poll(null, 0, LockWaitMs);
            locked = Lock();
        }

        return locked;
    }

    public void Unlock()
    {
        using FileHandle.Loan loan = handle.Borrow();
        _ = flock(loan.Fd, LOCK_UN);
    }

    public DirectoryClaim ClaimTo(IDirectory parent, string name)
    {
        const uint OpenToOthers = 0x3F; // any right of group or world
        if (!Calls.StatusAt(((LinuxDirectory)parent).OwnHandle, name, out FileStat named).IsOk
            || !Calls.Status(handle, out FileStat held).IsOk
            || (named.Device, named.Inode) != (held.Device, held.Inode))
        {
            return DirectoryClaim.Replaced;
        }

        return held.Uid != (uint)geteuid() ? DirectoryClaim.OfAnother
            : (held.Mode & OpenToOthers) != 0 ? DirectoryClaim.OpenToOthers
            : DirectoryClaim.Ours;
    }

    public IoResult FindOwner(string name, out bool isOfAnother)
    {
        IoResult found = Calls.StatusAt(handle, name, out FileStat named);
        isOfAnother = found.IsOk
            && Calls.Status(handle, out FileStat own).IsOk
            && ((named.Uid != (uint)geteuid() && named.Uid != own.Uid)
                || (own.IsWritableByOthers && !named.IsDirectory));
        return found;
    }

    public IoResult ReadRights(out FileRights rights)
    {
        IoResult result = Calls.Status(handle, out FileStat status);
        rights = new FileRights(status.Uid, status.Mode);
        return result;
    }

    public IoResult Sync()
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = fsync(loan.Fd);
            int error = errno;
            // After xfs has shut down, fsync(2) of a directory succeeds although its names are lost: they wait for
            // nothing any more (fs/xfs/xfs_file.c, xfs_dir_fsync). fstat(2) fails with EIO then.
            if (result == 0)
                return Calls.Status(handle, out _);
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }

    public IoResult SyncFilesystem()
    {
        using FileHandle.Loan loan = handle.Borrow();
        int result = syncfs(loan.Fd);
        int error = errno;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    public IDiskCounter? OpenDiskCounter() => LinuxDiskCounter.Of(handle);

    public FilesystemSync BeginSyncFilesystem() => FilesystemSync.Besides(SyncFilesystem);

    public IoResult TotalBytes()
    {
        IoResult result = Calls.FilesystemStatus(handle, out StatFs status);
        return !result.IsOk ? result
            : status.Blocks == 0 ? IoResult.Failed(EOPNOTSUPP)
            : IoResult.Ok((long)status.Blocks * status.FragmentSize);
    }

    public IoResult FreeBytes()
    {
        IoResult result = Calls.FilesystemStatus(handle, out StatFs status);
        return result.IsOk ? IoResult.Ok((long)status.BlocksAvailable * status.FragmentSize) : result;
    }

    public IoResult<IProbeFile> CreateProbe() =>
        OutputIoProbe.OpenNameless(handle, 0).Try(out FileHandle? file, out Errno error)
        ? IoResult<IProbeFile>.Ok(new LinuxProbeFile(file))
        : IoResult<IProbeFile>.Failed(error);

    public IoResult<DestinationTraits> ProbeOutputIo() => OutputIoProbe.Run(handle);

    public void Dispose() => handle.Dispose();

    private FileHandle OwnHandle => handle;

    // True also where the kernel does not tell.
    private bool OthersMayRename() =>
        !Calls.Status(handle, out FileStat status).IsOk
            || status.IsWritableByOthers
            || status.Uid != (uint)geteuid();

    // NFS and many FUSE servers know no flags of renameat2(2).
    private static bool KnowsNoFlags(IoResult renamed) =>
        renamed.Error.Code == EINVAL || renamed.Error.Code == ENOSYS;

    private IoResult Lock(int kind)
    {
        using FileHandle.Loan loan = handle.Borrow();
        int result = flock(loan.Fd, kind | LOCK_NB);
        int error = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    private IoResult RenameNoReplace(string name, string newName) => RenameWith(RENAME_NOREPLACE, name, newName);

    private IoResult RenameWith(uint flags, string name, string newName)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* oldPath = Calls.ToBytes(name), newPath = Calls.ToBytes(newName))
        {
            int result = renameat2(loan.Fd, oldPath, loan.Fd, newPath, flags);
            int error = Marshal.GetLastPInvokeError();
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }

    private IoResult RenameOver(string name, string newName)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* oldPath = Calls.ToBytes(name), newPath = Calls.ToBytes(newName))
        {
            int result = renameat(loan.Fd, oldPath, loan.Fd, newPath);
            int error = Marshal.GetLastPInvokeError();
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }

    private IoResult LinkTo(string name, string newName)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* oldPath = Calls.ToBytes(name), newPath = Calls.ToBytes(newName))
        {
            int result = linkat(loan.Fd, oldPath, loan.Fd, newPath, 0);
            int error = errno;
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }
}
