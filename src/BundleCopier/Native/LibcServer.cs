using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// Linux system calls, constants and structs of the crash server: Unix sockets, inotify(7), the journal, and the
/// kernel's coredump socket. Tmds.LibC 0.5 lacks a part of them, so all are here. Each is declared only here.
/// </summary>
internal static unsafe partial class LibcServer
{
    // errno(3)
    public const int EINTR = 4;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int EMSGSIZE = 90;
    public const int EADDRINUSE = 98;
    public const int ENOBUFS = 105;
    public const int ECONNREFUSED = 111;

    // socket(2), unix(7)
    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_TYPE = 3;
    public const int SO_PEERCRED = 17;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDTIMEO = 21;
    public const int SO_PEERPIDFD = 77; // since Linux 6.5
    public const int SCM_RIGHTS = 1;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x4000_0000;
    public const int SHUT_RD = 0;
    public const int UnixPathBytes = 108;

    // eventfd(2)
    public const int EFD_NONBLOCK_CLOEXEC = 0x80800;

    // inotify(7)
    public const int IN_NONBLOCK_CLOEXEC = 0x80800;
    public const uint IN_CLOSE_WRITE = 0x8;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_ONLYDIR = 0x0100_0000;

    // fcntl(2)
    public const int F_SETFD = 2;
    public const int FD_CLOEXEC = 1;
    public const int F_ADD_SEALS = 1033;
    public const int F_SEAL_ALL = 0xF; // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE

    // memfd_create(2)
    public const uint MFD_CLOEXEC = 1;
    public const uint MFD_ALLOW_SEALING = 2;

    // linux/coredump.h: the protocol of the coredump socket, since Linux 6.17
    public const ulong COREDUMP_KERNEL = 1;
    public const ulong COREDUMP_REJECT = 4;
    public const int CoredumpRequestBytes = 16;

    // linux/pidfd.h
    public const nuint PIDFD_GET_INFO = 0xC048FF0B; // _IOWR(0xFF, 11, struct pidfd_info), 72 bytes
    public const ulong PIDFD_INFO_CREDS = 2;
    public const ulong PIDFD_INFO_COREDUMP = 16; // since Linux 6.16
    public const uint PIDFD_COREDUMPED = 1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int fd, UnixAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int fd, UnixAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int fd, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int fd, void* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int fd, void* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int fd, SocketMessage* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(int fd, SocketMessage* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(int fd, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmod(int fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_add_watch(int fd, byte* path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int memfd_create(byte* name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, void* argument);

    /// <summary>struct sockaddr_un.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct UnixAddress
    {
        public ushort Family;
        public fixed byte Path[UnixPathBytes];
    }

    /// <summary>struct ucred.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Credentials
    {
        public int Process;
        public uint User;
        public uint Group;
    }

    /// <summary>struct msghdr on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SocketMessage
    {
        public void* Name;
        public uint NameLength;
        public MessagePart* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessagePart
    {
        public void* Start;
        public nuint Length;
    }

    /// <summary>struct cmsghdr with one descriptor behind it (cmsg(3)), and its padding.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GivenDescriptor
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Fd;
        public int Padding;

        /// <summary>CMSG_LEN of one descriptor.</summary>
        public static nuint LengthOfOne => (nuint)sizeof(GivenDescriptor) - sizeof(int);
    }

    /// <summary>struct timeval on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public long Seconds;
        public long Microseconds;
    }

    /// <summary>struct pidfd_info, as of Linux 6.16.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ProcessInfo
    {
        public ulong Mask;
        public ulong CgroupId;
        public int Process;
        public int ThreadGroup;
        public int Parent;
        public uint RealUser;
        public uint RealGroup;
        public uint EffectiveUser;
        public uint EffectiveGroup;
        public uint SavedUser;
        public uint SavedGroup;
        public uint FilesystemUser;
        public uint FilesystemGroup;
        public int ExitCode;
        public uint CoredumpMask;
        public uint CoredumpSignal;
    }

    /// <summary>struct coredump_ack; the kernel's request has the same layout, with the size of the answer second.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CoredumpAnswer
    {
        public uint Size;
        public uint Spare;
        public ulong Mask;
    }
}
