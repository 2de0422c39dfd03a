using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcServer;

namespace BundleCopier.Native;

/// <summary>
/// The system's journal (systemd-journald(8)), in its native protocol: an entry is one datagram, or a sealed
/// memfd_create(2) where it is too large for one (systemd.io/JOURNAL_NATIVE_PROTOCOL).
/// </summary>
internal static unsafe class SystemJournal
{
    public const string SocketPath = "/run/systemd/journal/socket";

    // The journal reads its socket all the time. One that has stopped must not hold up the next crash.
    private const int PatienceMs = 250;

    /// <summary>Sends an entry. Without a journal: ENOENT or ECONNREFUSED, at once.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="path">The socket of the journal.</param>
    public static IoResult Send(ReadOnlySpan<byte> entry, string path = SocketPath)
    {
        if (!UnixSocket.Connect(path, SOCK_DGRAM).Try(out FileHandle? socket, out Errno error))
            return IoResult.Failed(error);
        using (socket)
        {
            UnixSocket.LimitWaits(socket, PatienceMs);
            IoResult sent = UnixSocket.Send(socket, entry);
            return sent.Error.Code is EMSGSIZE or ENOBUFS ? SendInMemory(socket, entry) : sent;
        }
    }

    private static IoResult SendInMemory(FileHandle socket, ReadOnlySpan<byte> entry)
    {
        int fd;
        fixed (byte* name = "bundlecopy-journal\0"u8)
            fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int error = Marshal.GetLastPInvokeError();
        if (fd < 0)
            return IoResult.Failed(error);
        using FileHandle memory = new(fd);
        fixed (byte* start = entry)
        {
            IoResult written = Calls.Write(memory, (nint)start, entry.Length, 0);
            if (!written.IsOk || written.Value != entry.Length)
                return written.IsOk ? IoResult.Failed(ENOSPC) : written;
        }

        using (FileHandle.Loan loan = memory.Borrow())
        {
            // The journal takes a descriptor of another user only if no process can change it any more.
            int result = fcntl(loan.Fd, F_ADD_SEALS, F_SEAL_ALL);
            error = Marshal.GetLastPInvokeError();
            if (result != 0)
                return IoResult.Failed(error);
        }

        return UnixSocket.SendWith(memory, socket, []);
    }
}
