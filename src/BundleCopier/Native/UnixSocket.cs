using System.Runtime.InteropServices;
using System.Text;
using static BundleCopier.Native.LibcServer;

namespace BundleCopier.Native;

/// <summary>What the peer of a connection was when it connected (SO_PEERCRED in unix(7)).</summary>
internal readonly record struct SocketPeer(int ProcessId, uint UserId);

/// <summary>
/// Unix sockets with a name in the filesystem. An address that begins with <c>@</c> is an abstract one (unix(7)).
/// </summary>
internal static unsafe class UnixSocket
{
    private const uint OwnerOnly = 0x180; // 0600
    private const int Backlog = 128;

    /// <summary>
    /// Listens at a path; the socket's mode is 0600. What a killed server has left there is removed. EADDRINUSE where
    /// another server listens, or where something else has the name.
    /// </summary>
    public static IoResult<FileHandle> Listen(string path, int type)
    {
        if (Connect(path, type).Try(out FileHandle? other, out Errno error))
        {
            other.Dispose();
            return IoResult<FileHandle>.Failed(EADDRINUSE);
        }

        if (error.Code == ECONNREFUSED)
            File.Delete(path);
        if (AddressOf(path, out UnixAddress address) is not uint size)
            return IoResult<FileHandle>.Failed(EINVAL);
        if (!Make(type).Try(out FileHandle? made, out error))
            return IoResult<FileHandle>.Failed(error);
        using FileHandle.Loan loan = made.Borrow();
        // Before bind(2), so that the name never has another mode.
        int result = fchmod(loan.Fd, OwnerOnly);
        result = result != 0 ? result : bind(loan.Fd, &address, size);
        result = result != 0 ? result : listen(loan.Fd, Backlog);
        int code = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult<FileHandle>.Ok(made) : Closed(made, code);
    }

    /// <summary>Connects to a server; ENOENT or ECONNREFUSED where there is none.</summary>
    public static IoResult<FileHandle> Connect(string path, int type)
    {
        if (AddressOf(path, out UnixAddress address) is not uint size)
            return IoResult<FileHandle>.Failed(EINVAL);
        if (!Make(type).Try(out FileHandle? made, out Errno error))
            return IoResult<FileHandle>.Failed(error);
        using FileHandle.Loan loan = made.Borrow();
        while (true)
        {
            int result = connect(loan.Fd, &address, size);
            int code = Marshal.GetLastPInvokeError();
            if (result == 0)
                return IoResult<FileHandle>.Ok(made);
            if (code != EINTR)
                return Closed(made, code);
        }
    }

    /// <summary>Takes the next connection.</summary>
    public static IoResult<FileHandle> Accept(FileHandle listener)
    {
        using FileHandle.Loan loan = listener.Borrow();
        while (true)
        {
            int fd = accept4(loan.Fd, null, null, SOCK_CLOEXEC);
            int error = Marshal.GetLastPInvokeError();
            if (fd >= 0)
                return IoResult<FileHandle>.Ok(new FileHandle(fd));
            if (error != EINTR)
                return IoResult<FileHandle>.Failed(error);
        }
    }

    /// <summary>The process at the other end.</summary>
    public static IoResult<SocketPeer> PeerOf(FileHandle connection)
    {
        Credentials found;
        uint length = (uint)sizeof(Credentials);
        using FileHandle.Loan loan = connection.Borrow();
        int result = getsockopt(loan.Fd, SOL_SOCKET, SO_PEERCRED, &found, &length);
        int error = Marshal.GetLastPInvokeError();
        return result == 0
            ? IoResult<SocketPeer>.Ok(new SocketPeer(found.Process, found.User))
            : IoResult<SocketPeer>.Failed(error);
    }

    /// <summary>The socket's type, such as SOCK_STREAM; ENOTSOCK for another descriptor.</summary>
    public static IoResult TypeOf(FileHandle handle)
    {
        int type;
        uint length = sizeof(int);
        using FileHandle.Loan loan = handle.Borrow();
        int result = getsockopt(loan.Fd, SOL_SOCKET, SO_TYPE, &type, &length);
        int error = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult.Ok(type) : IoResult.Failed(error);
    }

    /// <summary>A send or a receive that waits longer fails with EAGAIN.</summary>
    public static void LimitWaits(FileHandle connection, int timeoutMs)
    {
        TimeValue limit = new() { Seconds = timeoutMs / 1000, Microseconds = timeoutMs % 1000 * 1000L };
        using FileHandle.Loan loan = connection.Borrow();
        _ = setsockopt(loan.Fd, SOL_SOCKET, SO_RCVTIMEO, &limit, (uint)sizeof(TimeValue));
        _ = setsockopt(loan.Fd, SOL_SOCKET, SO_SNDTIMEO, &limit, (uint)sizeof(TimeValue));
    }

    /// <summary>Sends one message.</summary>
    public static IoResult Send(FileHandle connection, ReadOnlySpan<byte> message)
    {
        using FileHandle.Loan loan = connection.Borrow();
        fixed (byte* start = message)
        {
            while (true)
            {
                nint sent = send(loan.Fd, start, (nuint)message.Length, MSG_NOSIGNAL);
                int error = Marshal.GetLastPInvokeError();
                if (sent >= 0)
                    return IoResult.Ok(sent);
                if (error != EINTR)
                    return IoResult.Failed(error);
            }
        }
    }

    /// <summary>
    /// Receives one message; the number of its bytes, 0 at the end. The kernel closes descriptors in it.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="buffer">Gets the message; what is longer is cut off.</param>
    public static IoResult Receive(FileHandle connection, Span<byte> buffer)
    {
        using FileHandle.Loan loan = connection.Borrow();
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint count = recv(loan.Fd, start, (nuint)buffer.Length, 0);
                int error = Marshal.GetLastPInvokeError();
                if (count >= 0)
                    return IoResult.Ok(count);
                if (error != EINTR)
                    return IoResult.Failed(error);
            }
        }
    }

    /// <summary>Sends one message, and with it a descriptor (SCM_RIGHTS in unix(7)), which stays open here.</summary>
    public static IoResult SendWith(SafeHandle given, FileHandle connection, ReadOnlySpan<byte> message)
    {
        bool added = false;
        given.DangerousAddRef(ref added);
        using FileHandle.Loan loan = connection.Borrow();
        fixed (byte* start = message)
        {
            MessagePart part = new() { Start = start, Length = (nuint)message.Length };
            GivenDescriptor control = new()
            {
                Length = GivenDescriptor.LengthOfOne,
                Level = SOL_SOCKET,
                Type = SCM_RIGHTS,
                Fd = (int)given.DangerousGetHandle(),
            };
            SocketMessage whole = new()
            {
                Parts = &part,
                PartCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(GivenDescriptor),
            };
            nint sent;
            int error;
            do
            {
                sent = sendmsg(loan.Fd, &whole, MSG_NOSIGNAL);
                error = Marshal.GetLastPInvokeError();
            }
            while (sent < 0 && error == EINTR);
            given.DangerousRelease();
            return sent >= 0 ? IoResult.Ok(sent) : IoResult.Failed(error);
        }
    }

    /// <summary>Receives one message, and the descriptor that came with it. The kernel closes more than one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="buffer">Gets the message; what is longer is cut off.</param>
    /// <param name="given">The descriptor, which belongs to the caller; null where none came.</param>
    public static IoResult Receive(FileHandle connection, Span<byte> buffer, out FileHandle? given)
    {
        given = null;
        using FileHandle.Loan loan = connection.Borrow();
        fixed (byte* start = buffer)
        {
            MessagePart part = new() { Start = start, Length = (nuint)buffer.Length };
            GivenDescriptor control = default;
            SocketMessage whole = new() { Parts = &part, PartCount = 1, Control = &control };
            nint count;
            int error;
            do
            {
                whole.ControlLength = (nuint)sizeof(GivenDescriptor);
                count = recvmsg(loan.Fd, &whole, MSG_CMSG_CLOEXEC);
                error = Marshal.GetLastPInvokeError();
            }
            while (count < 0 && error == EINTR);
            if (count < 0)
                return IoResult.Failed(error);
            if (whole.ControlLength >= GivenDescriptor.LengthOfOne
                && control.Length >= GivenDescriptor.LengthOfOne
                && control is { Level: SOL_SOCKET, Type: SCM_RIGHTS })
            {
                given = new FileHandle(control.Fd);
            }

            return IoResult.Ok(count);
        }
    }

    /// <summary>
    /// Nothing more is received: from now on the peer's messages fail (EPIPE). Those that were sent before can still be
    /// read.
    /// </summary>
    public static void EndReceiving(FileHandle connection)
    {
        using FileHandle.Loan loan = connection.Borrow();
        _ = shutdown(loan.Fd, SHUT_RD);
    }

    private static IoResult<FileHandle> Make(int type)
    {
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
        int error = Marshal.GetLastPInvokeError();
        return fd >= 0 ? IoResult<FileHandle>.Ok(new FileHandle(fd)) : IoResult<FileHandle>.Failed(error);
    }

    /// <summary>The length of the address; null where the path does not fit.</summary>
    private static uint? AddressOf(string path, out UnixAddress address)
    {
        address = new UnixAddress { Family = AF_UNIX };
        byte[] bytes = Encoding.UTF8.GetBytes(path);
        bool isAbstract = bytes is [(byte)'@', ..];
        if (bytes.Length is 0 || bytes.Length >= UnixPathBytes)
            return null;
        for (int i = isAbstract ? 1 : 0; i < bytes.Length; i++)
            address.Path[i] = bytes[i];
        return (uint)(sizeof(ushort) + bytes.Length + (isAbstract ? 0 : 1));
    }

    private static IoResult<FileHandle> Closed(FileHandle handle, int error)
    {
        handle.Dispose();
        return IoResult<FileHandle>.Failed(error);
    }
}
