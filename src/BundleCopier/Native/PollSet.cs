using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcServer;

namespace BundleCopier.Native;

/// <summary>
/// Waits until one of several descriptors is readable (poll(2)), without a time limit: a thread that waits here costs
/// nothing. Another thread can end the wait for good.
/// </summary>
internal sealed unsafe class PollSet : IDisposable
{
    private readonly FileHandle[] handles;
    private readonly FileHandle end;

    private PollSet(FileHandle[] handles, FileHandle end)
    {
        this.handles = handles;
        this.end = end;
    }

    public static IoResult<PollSet> Open(params FileHandle[] handles)
    {
        int fd = eventfd(0, EFD_NONBLOCK_CLOEXEC);
        int error = Marshal.GetLastPInvokeError();
        return fd < 0
            ? IoResult<PollSet>.Failed(error)
            : IoResult<PollSet>.Ok(new PollSet(handles, new FileHandle(fd)));
    }

    /// <summary>Waits, and calls back for each descriptor that can be read.</summary>
    /// <returns>False when the wait was ended.</returns>
    public bool Wait(Action<FileHandle> whenReadable)
    {
        LibcExtra.PollEntry[] entries = new LibcExtra.PollEntry[handles.Length + 1];
        for (int i = 0; i < entries.Length; i++)
        {
            FileHandle handle = i < handles.Length ? handles[i] : end;
            entries[i] = new LibcExtra.PollEntry
            {
                Fd = (int)handle.DangerousGetHandle(),
                Wanted = LibcExtra.PollEntry.Readable,
            };
        }

        fixed (LibcExtra.PollEntry* start = entries)
        {
            int ready = LibcExtra.PollFor(start, (nuint)entries.Length, -1);
            int error = Marshal.GetLastPInvokeError();
            if (ready < 0)
                return error == EINTR;
        }

        if (entries[^1].Found != 0)
            return false;
        for (int i = 0; i < handles.Length; i++)
        {
            if (entries[i].Found != 0)
                whenReadable(handles[i]);
        }

        return true;
    }

    /// <summary>Ends the wait, and all later ones. From any thread.</summary>
    public void End()
    {
        ulong one = 1;
        using FileHandle.Loan loan = end.Borrow();
        _ = write(loan.Fd, &one, sizeof(ulong));
    }

    public void Dispose() => end.Dispose();
}
