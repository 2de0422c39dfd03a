using System.Globalization;
using System.Runtime.InteropServices;
using BundleCopier.Model;
using Microsoft.Win32.SafeHandles;
using static BundleCopier.Native.LibcServer;

namespace BundleCopier.Native;

/// <summary>
/// A connection of the kernel's coredump socket (linux/coredump.h, Linux 6.17). The kernel sends a request, waits for
/// the answer, and then sends the core. The process waits in the kernel until all of it is read, or the connection is
/// closed.
/// </summary>
internal sealed unsafe class CoreConnection : CoreOffer
{
    // The kernel sends its request at once.
    private const int PatienceMs = 5000;

    private const int MarkBytes = 4;

    private readonly FileHandle connection;

    private CoreConnection(FileHandle connection, DumpedProcess process)
        : base(process) => this.connection = connection;

    /// <summary>
    /// Checks that the peer is a process that the kernel is dumping. Any process that may open the socket can connect.
    /// </summary>
    /// <param name="connection">The connection, which belongs to the result if there is one.</param>
    public static Result<CoreConnection, string> Of(FileHandle connection)
    {
        if (!PeerHandle(connection).Try(out FileHandle? peer, out Errno error))
            return $"the kernel does not name the process (SO_PEERPIDFD: {error.Name})";
        using (peer)
        {
            ProcessInfo info = new() { Mask = PIDFD_INFO_CREDS | PIDFD_INFO_COREDUMP };
            using FileHandle.Loan loan = peer.Borrow();
            int result = ioctl(loan.Fd, PIDFD_GET_INFO, &info);
            int code = Marshal.GetLastPInvokeError();
            if (result != 0)
                return $"the kernel does not tell about the process (PIDFD_GET_INFO: {new Errno(code).Name})";
            if ((info.Mask & PIDFD_INFO_COREDUMP) == 0 || (info.CoredumpMask & PIDFD_COREDUMPED) == 0)
                return string.Create(CultureInfo.InvariantCulture, $"process {info.ThreadGroup} is not being dumped");
            // The process waits for the answer, so no other process can have its number yet.
            return new CoreConnection(
                connection, DumpedProcess.Of(info.ThreadGroup, info.RealUser, info.RealGroup));
        }
    }

    /// <summary>Tells the kernel to send the core.</summary>
    public override IoResult<SafeFileHandle> Accept()
    {
        IoResult answered = Answer(COREDUMP_KERNEL);
        if (!answered.IsOk)
            return IoResult<SafeFileHandle>.Failed(answered.Error);
        // From here on the copy decides how long it waits.
        UnixSocket.LimitWaits(connection, 0);
        return IoResult<SafeFileHandle>.Ok(new SafeFileHandle(connection.TakeOver(), ownsHandle: true));
    }

    /// <summary>Tells the kernel to let the process go; after <see cref="Accept"/> it has been told already.</summary>
    public override void Reject()
    {
        if (connection.IsClosed)
            return;
        _ = Answer(COREDUMP_REJECT);
        connection.Dispose();
    }

    public override void Dispose() => connection.Dispose();

    private IoResult Answer(ulong mask)
    {
        UnixSocket.LimitWaits(connection, PatienceMs);
        CoredumpAnswer request;
        IoResult read = Fill(new Span<byte>(&request, sizeof(CoredumpAnswer)));
        if (!read.IsOk)
            return read;
        // A newer kernel may send a longer request. It also takes the short answer.
        byte* rest = stackalloc byte[256];
        if (request.Size is < CoredumpRequestBytes or > CoredumpRequestBytes + 256)
            return IoResult.Failed(EINVAL);
        read = Fill(new Span<byte>(rest, (int)request.Size - CoredumpRequestBytes));
        if (!read.IsOk)
            return read;
        CoredumpAnswer answer = new() { Size = CoredumpRequestBytes, Mask = mask };
        IoResult sent = UnixSocket.Send(connection, new ReadOnlySpan<byte>(&answer, sizeof(CoredumpAnswer)));
        if (!sent.IsOk)
            return sent;
        uint mark;
        read = Fill(new Span<byte>(&mark, MarkBytes));
        return !read.IsOk ? read : mark == 0 ? IoResult.Done : IoResult.Failed(EINVAL);
    }

    private IoResult Fill(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            IoResult read = UnixSocket.Receive(connection, buffer);
            if (!read.IsOk)
                return read;
            if (read.Value == 0)
                return IoResult.Failed(EINVAL);
            buffer = buffer[(int)read.Value..];
        }

        return IoResult.Done;
    }

    private static IoResult<FileHandle> PeerHandle(FileHandle connection)
    {
        int fd;
        uint length = sizeof(int);
        using FileHandle.Loan loan = connection.Borrow();
        int result = getsockopt(loan.Fd, SOL_SOCKET, SO_PEERPIDFD, &fd, &length);
        int error = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult<FileHandle>.Ok(new FileHandle(fd)) : IoResult<FileHandle>.Failed(error);
    }
}
