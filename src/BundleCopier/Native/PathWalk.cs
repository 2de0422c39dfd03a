using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Walks an absolute path name by name. Links are followed as usual until a directory that anybody may write to has been
/// passed; from there on a link is refused with ELOOP, because anybody could have planted it.
/// </summary>
internal static class PathWalk
{
    // path_resolution(7): the kernel's own limit
    private const int MaxLinks = 40;

    private const uint WorldWritable = 0x2;

    /// <summary>
    /// Opens what the path leads to with O_PATH: nothing is read and no device or FIFO is touched. With
    /// <paramref name="start"/>, the path is a single name below that directory.
    /// </summary>
    public static IoResult<Place> Resolve(string path, Place? start = null)
    {
        Place at;
        if (start is not null)
        {
            IoResult<Place> direct = Step(start, path, out string? link);
            // Nearly every source is found by this one step; a link is walked from the start.
            if (link is null)
                return direct;
            IoResult<Place> copy = start.Duplicate();
            if (!copy.Try(out at!, out Errno error))
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
            IoResult<Place> step = Step(at, name, out string? link);
            if (link is not null)
            {
                if (at.IsBelowWorldWritable || ++links > MaxLinks)
                {
                    at.Dispose();
                    return IoResult<Place>.Failed(ELOOP);
                }

                Push(rest, link);
                if (!link.StartsWith('/'))
                    continue;
                at.Dispose();
                if (!OpenRoot().Try(out at!, out Errno error))
                    return IoResult<Place>.Failed(error);
                continue;
            }

            at.Dispose();
            if (!step.Try(out at!, out Errno failure))
                return IoResult<Place>.Failed(failure);
        }

        return IoResult<Place>.Ok(at);
    }

    private static IoResult<Place> OpenRoot()
    {
        if (!Calls.OpenAt(AT_FDCWD, "/", O_PATH | O_DIRECTORY).Try(out FileHandle? root, out Errno error))
            return IoResult<Place>.Failed(error);
        return Arrive(root, isBelowWorldWritable: false);
    }

    /// <summary>One name further; <paramref name="link"/> is where it leads when it is a symbolic link.</summary>
    private static IoResult<Place> Step(Place at, string name, out string? link)
    {
        link = null;
        FileHandle next;
        using (FileHandle.Loan loan = at.Handle.Borrow())
        {
            if (!Calls.OpenAt(loan.Fd, name, O_PATH | O_NOFOLLOW).Try(out next!, out Errno error))
                return IoResult<Place>.Failed(error);
        }

        IoResult<Place> arrived = Arrive(next, at.IsBelowWorldWritable);
        if (!arrived.Try(out Place? place, out Errno failure))
            return IoResult<Place>.Failed(failure);
        if ((place.Status.Mode & (uint)S_IFMT) != (uint)S_IFLNK)
            return arrived;

        place.Dispose();
        if (!Calls.ReadLinkAt(at.Handle, name).Try(out link, out failure))
            return IoResult<Place>.Failed(failure);
        return default;
    }

    private static IoResult<Place> Arrive(FileHandle handle, bool isBelowWorldWritable)
    {
        IoResult result = Calls.Status(handle, out FileStat status);
        if (!result.IsOk)
        {
            handle.Dispose();
            return IoResult<Place>.Failed(result.Error);
        }

        uint type = status.Mode & (uint)S_IFMT;
        bool isOpenToAll = type == (uint)S_IFDIR && (status.Mode & WorldWritable) != 0;
        return IoResult<Place>.Ok(new Place(handle, status, isBelowWorldWritable || isOpenToAll));
    }

    private static void Push(Stack<string> rest, string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = names.Length - 1; i >= 0; i--)
            rest.Push(names[i]);
    }

    /// <summary>Where a walk has arrived: an O_PATH descriptor, owned, and how it got there.</summary>
    internal sealed class Place(FileHandle handle, FileStat status, bool isBelowWorldWritable) : IDisposable
    {
        public FileHandle Handle => handle;

        public FileStat Status => status;

        /// <summary>Its filesystem lives in memory; null until somebody has asked.</summary>
        public bool? IsShared { get; set; }

        public bool IsBelowWorldWritable => isBelowWorldWritable;

        public IoResult<Place> Duplicate() =>
            Calls.Reopen(handle, O_PATH).Try(out FileHandle? copy, out Errno error)
                ? IoResult<Place>.Ok(new Place(copy, status, isBelowWorldWritable))
                : IoResult<Place>.Failed(error);

        public void Dispose() => handle.Dispose();
    }
}
