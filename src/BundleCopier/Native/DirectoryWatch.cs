using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcServer;

namespace BundleCopier.Native;

/// <summary>
/// Tells that a file came into a directory: by rename(2), or closed after it was written (inotify(7)). It only tells
/// that there is something; the directory must be listed, so that lost events cost nothing.
/// </summary>
internal sealed unsafe class DirectoryWatch : IDisposable
{
    private DirectoryWatch(FileHandle handle) => Handle = handle;

    /// <summary>Readable when something came.</summary>
    public FileHandle Handle { get; }

    public static IoResult<DirectoryWatch> Open(string path)
    {
        int fd = inotify_init1(IN_NONBLOCK_CLOEXEC);
        int error = Marshal.GetLastPInvokeError();
        if (fd < 0)
            return IoResult<DirectoryWatch>.Failed(error);
        FileHandle handle = new(fd);
        fixed (byte* name = Calls.ToBytes(path))
        {
            int watch = inotify_add_watch(fd, name, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR);
            error = Marshal.GetLastPInvokeError();
            if (watch >= 0)
                return IoResult<DirectoryWatch>.Ok(new DirectoryWatch(handle));
        }

        handle.Dispose();
        return IoResult<DirectoryWatch>.Failed(error);
    }

    /// <summary>Forgets the events so far.</summary>
    public void Drain()
    {
        byte* buffer = stackalloc byte[4096];
        using FileHandle.Loan loan = Handle.Borrow();
        while (read(loan.Fd, buffer, 4096) > 0)
        {
        }
    }

    public void Dispose() => Handle.Dispose();
}
