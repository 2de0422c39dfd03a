using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Resolves an absolute path name by name. It follows symbolic links until it has passed a directory that another user
/// can change. After that it refuses a link with ELOOP, because that user could have created it. The kernel itself
/// follows links of procfs: many of them lead to an open file or to another mount namespace (/proc/PID/root, fd/N,
/// map_files/A-B), and their text names something else (proc_pid_root(5)). docs/manifest.md has the rule for users.
/// </summary>
internal static class PathWalk
{
    // The kernel's limit (path_resolution(7))
    private const int MaxLinks = 40;

    private const long ProcMagic = 0x9fa0; // linux/magic.h

    private const uint Root = 0;

    /// <summary>
    /// Opens the path's target with O_PATH, which has no effect on a device or FIFO. With <paramref name="start"/>, the
    /// path is a single name in that directory.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="start">A directory; null for the root.</param>
    /// <param name="isParent">The path is that of a directory, and a name in it comes next.</param>
    public static IoResult<Place> Resolve(string path, Place? start = null, bool isParent = false)
    {
        Place at;
        WalkMark mark = WalkMark.OfThisThread;
        mark.Clear();
        if (start is not null)
        {
            mark.ParentMount = start.Mount;
            IoResult<Place> direct = Step(start, path);
            // This is all for nearly every source. A link is resolved by the loop below, from the same directory.
            if (direct.Value is not { Link: not null } symbolicLink)
                return direct;
            symbolicLink.Dispose();
            if (!start.Duplicate().Try(out at!, out Errno error))
                return IoResult<Place>.Failed(error);
        }
        else if (!OpenRoot().Try(out at!, out Errno error))
        {
            return IoResult<Place>.Failed(error);
        }

        Stack<string> rest = new();
        Push(rest, path);
        int links = 0;
        while (rest.TryPop(out string? name))
        {
            // Names of links lie above the path's own, so its last name is alone only when its turn comes.
            if (rest.Count == 0 && !isParent && mark.ParentMount == 0)
                mark.ParentMount = at.Mount;
            if (!Step(at, name).Try(out Place? next, out Errno error))
            {
                at.Dispose();
                return IoResult<Place>.Failed(error);
            }

            if (next.Link is not { } link)
            {
                at.Dispose();
                at = next;
                continue;
            }

            next.Dispose();
            if (at.IsOpenToOthers || ++links > MaxLinks)
            {
                at.Dispose();
                return IoResult<Place>.Failed(ELOOP);
            }

            if (at.FilesystemType == ProcMagic)
            {
                IoResult<Place> jumped = Jump(at, name);
                at.Dispose();
                if (!jumped.Try(out at!, out error))
                    return IoResult<Place>.Failed(error);
                continue;
            }

            Push(rest, link);
            if (!link.StartsWith('/'))
                continue;
            at.Dispose();
            if (!OpenRoot().Try(out at!, out error))
                return IoResult<Place>.Failed(error);
        }

        return IoResult<Place>.Ok(at);
    }

    private static IoResult<Place> OpenRoot()
    {
        if (!Calls.OpenAt(AT_FDCWD, "/", O_PATH | O_DIRECTORY).Try(out FileHandle? root, out Errno error))
            return IoResult<Place>.Failed(error);
        return Arrive(root, isOpenToOthers: false, from: null);
    }

    /// <summary>Resolves one name. A symbolic link is a place of its own, with <see cref="Place.Link"/>.</summary>
    private static IoResult<Place> Step(Place at, string name)
    {
        WalkMark.OfThisThread.Mount = at.Mount;
        FileHandle next;
        using (FileHandle.Loan loan = at.Handle.Borrow())
        {
            if (!Calls.OpenAt(loan.Fd, name, O_PATH | O_NOFOLLOW).Try(out next!, out Errno error))
                return IoResult<Place>.Failed(error);
        }

        IoResult<Place> arrived = Arrive(next, at.IsOpenToOthers, at, at.Untrusted);
        if (!arrived.Try(out Place? place, out _) || !place.Status.IsLink)
            return arrived;
        if (!Calls.ReadLinkAt(at.Handle, name).Try(out string? target, out Errno unread))
        {
            place.Dispose();
            return IoResult<Place>.Failed(unread);
        }

        place.Link = target;
        return arrived;
    }

    /// <summary>Lets the kernel follow a link of procfs.</summary>
    private static IoResult<Place> Jump(Place at, string name)
    {
        using FileHandle.Loan loan = at.Handle.Borrow();
        if (!Calls.OpenAt(loan.Fd, name, O_PATH).Try(out FileHandle? target, out Errno error))
            return IoResult<Place>.Failed(error);
        // A working directory or an open directory may lie below one that others can change, and its path is not
        // walked. So links below it are refused. A root directory has nothing above it, and links of procfs lead on
        // inside procfs.
        return Arrive(target, isOpenToOthers: name != "root" && TypeOf(target) != ProcMagic, from: null);
    }

    private static IoResult<Place> Arrive(
        FileHandle handle, bool isOpenToOthers, Place? from, UntrustedDirectory? untrusted = null)
    {
        ulong mount = WalkMark.OfThisThread.Mount = Calls.MountIdOf(handle);
        IoResult result = Calls.Status(handle, out FileStat status);
        if (!result.IsOk)
        {
            handle.Dispose();
            return IoResult<Place>.Failed(result.Error);
        }

        status = status with
        {
            Server = from?.Status.Device == status.Device
                ? from.Status.Server
                : FuseOwner.Of(handle, status.Device),
        };
        bool isChangedByOthers = IsChangedByOthers(handle, status);
        if (isChangedByOthers && untrusted is null && DirectoryTrust.Problem(handle, status) is { } problem)
            untrusted = new UntrustedDirectory(Calls.PathOf(handle), problem);
        return IoResult<Place>.Ok(new Place(handle, status, isOpenToOthers || isChangedByOthers, mount, untrusted));
    }

    /// <summary>
    /// Whether a user other than root and this one can make names in a directory: its owner, its group, a user of its
    /// ACL, all, or the server of a filesystem. No user can make names in procfs, where the directories of a process
    /// belong to the user of the process.
    /// </summary>
    private static bool IsChangedByOthers(FileHandle handle, in FileStat status) =>
        status.IsDirectory
            && (status.Server is not null || status.IsWritableByOthers
                || (status.Uid != Root && status.Uid != (uint)geteuid()))
            && TypeOf(handle) != ProcMagic;

    private static long? TypeOf(FileHandle handle) =>
        Calls.FilesystemStatus(handle, out StatFs status).IsOk ? status.Type : null;

    private static void Push(Stack<string> rest, string path)
    {
        string[] names = PathText.Names(path);
        for (int i = names.Length - 1; i >= 0; i--)
            rest.Push(names[i]);
    }

    /// <summary>A resolved path: an O_PATH descriptor, which it owns, and facts about the path.</summary>
    internal sealed class Place(
        FileHandle handle,
        FileStat status,
        bool isOpenToOthers,
        ulong mount = 0,
        UntrustedDirectory? untrusted = null)
        : IDisposable
    {
        private long? filesystemType;

        public FileHandle Handle => handle;

        public FileStat Status => status;

        /// <summary>The number of its mount; 0 where the kernel does not tell.</summary>
        public ulong Mount => mount;

        /// <summary>The target of a symbolic link; null for everything else.</summary>
        public string? Link { get; set; }

        /// <summary>The <c>f_type</c> of its filesystem (statfs(2)); null where that cannot be read.</summary>
        public long? FilesystemType => filesystemType ??= TypeOf(handle);

        /// <summary>True when the path leads through a directory that other users can change, or is one.</summary>
        public bool IsOpenToOthers => isOpenToOthers;

        /// <summary>
        /// The first directory on the path that other users can change, it or one above it; null where there is none. A
        /// link of procfs leads to a directory whose path is not known, and begins anew.
        /// </summary>
        public UntrustedDirectory? Untrusted => untrusted;

        /// <summary>The same directory once more.</summary>
        public IoResult<Place> Duplicate() =>
            Calls.Reopen(handle, O_PATH | O_DIRECTORY).Try(out FileHandle? copy, out Errno error)
                ? IoResult<Place>.Ok(new Place(copy, status, isOpenToOthers, mount, untrusted))
                : IoResult<Place>.Failed(error);

        public void Dispose() => handle.Dispose();
    }
}
