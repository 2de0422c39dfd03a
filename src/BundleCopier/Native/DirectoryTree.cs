using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Removes and measures a directory with everything below it. It follows no link and enters no mount.
/// </summary>
internal static unsafe class DirectoryTree
{
    /// <summary>More levels than the names of files need. Each level needs memory and a descriptor.</summary>
    public const int BundleLevels = 64;

    /// <summary>Removes a name and everything below it.</summary>
    /// <param name="directory">The directory with the name.</param>
    /// <param name="name">The name.</param>
    public static IoResult Remove(FileHandle directory, string name) =>
        Remove(directory, name, Calls.MountOf(directory), gently: null);

    /// <summary>
    /// Removes a directory that is held open and everything below it. Where another user can rename it, the name may
    /// lead elsewhere at any time. So the content is removed by the descriptor. Of the name, only an empty directory
    /// can go (rmdir(2)).
    /// </summary>
    /// <param name="directory">The directory with the name.</param>
    /// <param name="name">The name.</param>
    /// <param name="held">The directory of this name.</param>
    /// <param name="gently">Removes files in steps.</param>
    public static IoResult RemoveHeld(FileHandle directory, string name, FileHandle held, GentleRemoval gently)
    {
        ulong mount = Calls.MountOf(directory);
        if (gently.IsStopped)
            return IoResult.Failed(ECANCELED);
        IoResult emptied = Empty(held, mount, gently);
        if (!emptied.IsOk)
            return emptied;
        IoResult found = Calls.StatusAt(directory, name, out FileStat named);
        if (!found.IsOk)
            return found;
        return Calls.Status(held, out FileStat own).IsOk && own.Identity.IsSameFile(named.Identity)
            ? Unlink(directory, name, AT_REMOVEDIR)
            : IoResult.Failed(ESTALE);
    }

    /// <summary>The space and the last change of a directory and everything below it.</summary>
    /// <param name="directory">The directory with the name.</param>
    /// <param name="name">The name.</param>
    /// <param name="maxLevels">How many levels of directories it may have; ELOOP where it has more.</param>
    public static IoResult<TreeUse> Measure(FileHandle directory, string name, int maxLevels = int.MaxValue) =>
        Measure(directory, name, Calls.MountOf(directory), maxLevels);

    /// <summary>See <see cref="IDirectory.FindForeign"/>.</summary>
    public static IoResult<string?> FindForeign(FileHandle directory, string name)
    {
        const uint ModeBits = 0xFFF;
        IoResult result = Calls.StatusAt(directory, name, out FileStat found);
        if (!result.IsOk)
            return result.Error.Code == ENOENT ? IoResult<string?>.Ok(null) : IoResult<string?>.Failed(result.Error);
        // A copy that is killed between making a file and setting its mode leaves fewer rights, because of the umask.
        bool IsAtMost(uint mode) => found.Uid == (uint)geteuid() && (found.Mode & ModeBits & ~mode) == 0;
        if (found.IsFile && IsAtMost(0x180) && found.Links == 1)
            return IoResult<string?>.Ok(null);
        if (!found.IsDirectory || !IsAtMost(0x1C0))
            return IoResult<string?>.Ok(name);
        if (!Open(directory, name).Try(out FileHandle? below, out Errno error))
            return IoResult<string?>.Failed(error);
        using (below)
        {
            // What is mounted here shows when the directory is removed.
            if (Calls.MountOf(below) != Calls.MountOf(directory))
                return IoResult<string?>.Ok(null);
            if (!DirectoryNames.List(below).Try(out IReadOnlyList<string>? children, out error))
                return IoResult<string?>.Failed(error);
            foreach (string child in children)
            {
                if (!FindForeign(below, child).Try(out string? foreign, out error))
                    return IoResult<string?>.Failed(error);
                if (foreign is not null)
                    return IoResult<string?>.Ok($"{name}/{foreign}");
            }
        }

        return IoResult<string?>.Ok(null);
    }

    /// <summary>Removes the name of a file, or with AT_REMOVEDIR an empty directory.</summary>
    public static IoResult Unlink(FileHandle directory, string name, int flags = 0)
    {
        using FileHandle.Loan loan = directory.Borrow();
        fixed (byte* path = Calls.ToBytes(name))
        {
            int result = unlinkat(loan.Fd, path, flags);
            int error = errno;
            WalkMark.OfThisThread.Step();
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }

    /// <summary>Opens a directory; never through a link.</summary>
    public static IoResult<FileHandle> Open(FileHandle directory, string name)
    {
        using FileHandle.Loan loan = directory.Borrow();
        return Calls.OpenAt(loan.Fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    }

    private static IoResult Remove(FileHandle directory, string name, ulong mount, GentleRemoval? gently)
    {
        if (gently is { IsStopped: true })
            return IoResult.Failed(ECANCELED);
        IoResult removed = gently is null ? Unlink(directory, name) : gently.Unlink(directory, name);
        if (removed.IsOk || (removed.Error.Code != EISDIR && removed.Error.Code != EPERM))
            return removed;

        // EPERM for a file (an immutable one) is the true cause, and not that it is no directory.
        if (!Open(directory, name).Try(out FileHandle? found, out Errno error))
            return error.Code == ENOTDIR ? removed : IoResult.Failed(error);
        using (found)
        {
            IoResult emptied = Empty(found, mount, gently);
            if (!emptied.IsOk)
                return emptied;
        }

        return Unlink(directory, name, AT_REMOVEDIR);
    }

    private static IoResult Empty(FileHandle directory, ulong mount, GentleRemoval? gently)
    {
        if (Calls.MountOf(directory) != mount)
            return IoResult.Failed(EXDEV);
        if (!DirectoryNames.List(directory).Try(out IReadOnlyList<string>? names, out Errno error))
            return IoResult.Failed(error);
        foreach (string child in names)
        {
            IoResult result = Remove(directory, child, mount, gently);
            if (!result.IsOk)
                return result;
        }

        return IoResult.Done;
    }

    private static IoResult<TreeUse> Measure(FileHandle directory, string name, ulong mount, int maxLevels)
    {
        if (maxLevels == 0)
            return IoResult<TreeUse>.Failed(ELOOP);
        if (!Open(directory, name).Try(out FileHandle? found, out Errno error))
            return IoResult<TreeUse>.Failed(error);
        using FileHandle closedAtTheEnd = found;
        if (Calls.MountOf(found) != mount)
            return IoResult<TreeUse>.Failed(EXDEV);
        IoResult result = Calls.Status(found, out FileStat own);
        if (!result.IsOk)
            return IoResult<TreeUse>.Failed(result.Error);
        TreeUse use = new(own.AllocatedBytes, own.ModifiedAt.ToUtc());
        Errno failure = Errno.None;
        IoResult listed = DirectoryNames.List(found, child =>
        {
            failure = Calls.StatusAt(found, child, out FileStat status).Error;
            if (failure.IsError)
                return false;
            TreeUse below = new(status.AllocatedBytes, status.ModifiedAt.ToUtc());
            if (status.IsDirectory && !Measure(found, child, mount, maxLevels - 1).Try(out below, out failure))
                return false;
            use = use.With(below);
            return true;
        });
        failure = listed.IsOk ? failure : listed.Error;
        return failure.IsError ? IoResult<TreeUse>.Failed(failure) : IoResult<TreeUse>.Ok(use);
    }
}
