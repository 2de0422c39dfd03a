using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The system calls of these tests. They share no code with the engine, so a bug in its calls cannot hide itself.
/// </summary>
internal static unsafe partial class Kernel
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigSegv = 11;
    public const int SigTerm = 15;
    public const int SigHup = 1;
    public const int SigCont = 18;
    public const int SigStop = 19;

    private const int SeekData = 3; // lseek(2)
    private const int SeekHole = 4;
    private const int CacheStatNumber = 451; // cachestat(2)
    private const int PidfdOpenNumber = 434; // pidfd_open(2), since Linux 5.3
    private const int ProcessMadviseNumber = 440; // process_madvise(2), since Linux 5.10
    private const nint PageOut = 21; // madvise(2): MADV_PAGEOUT
    private const long TmpfsMagic = 0x0102_1994; // statfs(2)
    private const int LockExclusiveNow = 2 | 4; // flock(2)
    private const int LockSharedNow = 1 | 4;

    /// <summary>The result of statx(2), whose struct is the same on every architecture.</summary>
    public readonly record struct Status(long SizeBytes, long AllocatedBytes, int Mode);

    /// <summary>A part of a file.</summary>
    public readonly record struct Stretch(long Start, long End)
    {
        public override string ToString() => $"[{Start}, {End})";
    }

    public static Status StatusOf(string path)
    {
        byte* buffer = stackalloc byte[256];
        Check(statx(-100, Text(path), 0x100, 0x7ff, buffer),
            $"statx {path}"); // AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS
        return new Status(*(long*)(buffer + 40), *(long*)(buffer + 48) * 512, *(ushort*)(buffer + 28) & 0xFFF);
    }

    /// <summary>The space that a file takes; 0 where there is none.</summary>
    public static long AllocatedBytes(string path)
    {
        try
        {
            return StatusOf(path).AllocatedBytes;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The data of a file according to SEEK_DATA and SEEK_HOLE.</summary>
    public static List<Stretch> DataOf(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        List<Stretch> found = [];
        for (long at = 0; ;)
        {
            long start = lseek(Fd(file), at, SeekData);
            if (start < 0)
                return found;
            at = lseek(Fd(file), start, SeekHole);
            found.Add(new Stretch(start, at));
        }
    }

    /// <summary>How much of a file is in page cache, in bytes.</summary>
    public static long CachedBytes(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        ulong* range = stackalloc ulong[2];
        ulong* found = stackalloc ulong[5];
        range[0] = range[1] = 0;
        Check((int)syscall(CacheStatNumber, Fd(file), range, found, 0), $"cachestat {path}");
        return (long)found[0] * Environment.SystemPageSize;
    }

    public static bool IsInMemory(string path)
    {
        long* buffer = stackalloc long[32];
        Check(statfs(Text(path), buffer), $"statfs {path}");
        return buffer[0] == TmpfsMagic;
    }

    /// <summary>Allocates without writing.</summary>
    public static void Allocate(SafeFileHandle file, long offset, long length) =>
        Check(fallocate(Fd(file), 0, offset, length), "fallocate");

    /// <summary>
    /// Creates an empty file in shared memory without a name (memfd_create(2)). It is freed with its last handle.
    /// </summary>
    public static SafeFileHandle NamelessMemory(string label)
    {
        int file = memfd_create(Text(label), 1); // MFD_CLOEXEC
        Check(file, "memfd_create");
        return new SafeFileHandle(file, ownsHandle: true);
    }

    public static void MakeHardLink(string from, string to) => Check(link(Text(from), Text(to)), $"link {to}");

    /// <summary>Whether the calling thread may send a signal to a process.</summary>
    public static bool MaySignal(int pid) => kill(pid, 0) == 0;

    public static void MakeFifo(string path) => Check(mkfifo(Text(path), 0x180), $"mkfifo {path}");

    /// <summary>A character device: 1, 5 is /dev/zero.</summary>
    public static void MakeDevice(string path) => Check(mknod(Text(path), 0x2180, (1 << 8) | 5), $"mknod {path}");

    public static void Signal(int pid, int signal) => Check(kill(pid, signal), $"kill {pid}");

    /// <summary>
    /// Makes the kernel reclaim pages of another process, as it does when memory is short; false where it may not,
    /// such as for locked pages.
    /// </summary>
    public static bool TakeBack(int pid, long start, long end)
    {
        using SafeFileHandle process = new((nint)syscall(PidfdOpenNumber, pid, null, null, 0), ownsHandle: true);
        ulong* range = stackalloc ulong[2] { (ulong)start, (ulong)(end - start) };
        long taken = syscall(ProcessMadviseNumber, Fd(process), range, 1, PageOut, 0);
        if (taken < 0 && Marshal.GetLastPInvokeError() != EINVAL)
            Check(-1, $"process_madvise {pid}");
        return taken == end - start;
    }

    /// <summary>Drops the pages of a file that are in the page cache and in no process's memory.</summary>
    public static void DropCache(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        Check(posix_fadvise(Fd(file), 0, 0, POSIX_FADV_DONTNEED), $"posix_fadvise {path}");
    }

    /// <summary>
    /// A thread's I/O priority (ioprio_get(2)): its class (2 is best effort, 3 is idle) and its level.
    /// </summary>
    public static (int Class, int Level) IoPriorityOf(int thread)
    {
        int number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 252 : 31;
        long found = syscall(number, (nint)1, thread); // IOPRIO_WHO_PROCESS
        Check((int)found, $"ioprio_get {thread}");
        return ((int)(found >> 13), (int)(found & 7));
    }

    public static void SetXattr(string path, string name, byte[] value) =>
        Check(setxattr(Text(path), Text(name), value, (nuint)value.Length, 0), $"setxattr {name} of {path}");

    /// <summary>The same for a name of any bytes.</summary>
    public static void SetXattr(string path, ReadOnlySpan<byte> name, byte[] value) =>
        Check(setxattr(Text(path), [.. name, 0], value, (nuint)value.Length, 0), $"setxattr of {path}");

    /// <summary>
    /// Ends a filesystem as a crash does (FS_IOC_SHUTDOWN of ext4 and xfs): nothing reaches the disk any more, and
    /// later calls fail.
    /// </summary>
    /// <param name="directory">A directory of the filesystem.</param>
    /// <param name="how">0: all data is written first; 1: the journal is; 2: nothing is.</param>
    public static void ShutDown(string directory, uint how)
    {
        const ulong ShutdownNumber = 0x8004_587D; // _IOR('X', 125, __u32)
        using SafeFileHandle handle = new(open(Text(directory), O_RDONLY | O_DIRECTORY, 0), ownsHandle: true);
        Check(ioctl(Fd(handle), ShutdownNumber, &how), $"FS_IOC_SHUTDOWN {directory}");
    }

    public static void Own(string path, uint user) => Check(chown(Text(path), user, user), $"chown {path}");

    /// <summary>Locks a directory as a program that reads its bundle does, until the handle is closed.</summary>
    public static SafeFileHandle LockShared(string directory) => Lock(directory, LockSharedNow);

    /// <summary>Locks a directory as a running copy does, until the handle is closed.</summary>
    public static SafeFileHandle Lock(string directory) => Lock(directory, LockExclusiveNow);

    private static SafeFileHandle Lock(string directory, int kind)
    {
        SafeFileHandle handle = new(open(Text(directory), O_RDONLY | O_DIRECTORY, 0), ownsHandle: true);
        Check(flock(Fd(handle), kind), $"flock {directory}");
        return handle;
    }

    private static int Fd(SafeFileHandle file) => (int)file.DangerousGetHandle();

    private static byte[] Text(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static void Check(int result, string what)
    {
        int error = Marshal.GetLastPInvokeError();
        if (result < 0)
            throw new IOException($"{what}: errno {error}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte[] path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statfs(byte[] path, long* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, int fd, ulong* range, ulong* found, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, int fd, ulong* ranges, nuint count, nint advice, nuint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint which, nint id);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_fadvise(int fd, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int memfd_create(byte[] name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int link(byte[] from, byte[] to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkfifo(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mknod(byte[] path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setxattr(byte[] path, byte[] name, byte[] value, nuint sizeBytes, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int chown(byte[] path, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte[] path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int fd, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int fd, ulong request, uint* argument);
}
