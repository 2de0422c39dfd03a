using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>Linux system calls and constants that are missing in Tmds.LibC 0.5. Each is declared only here.</summary>
internal static unsafe partial class LibcExtra
{
    // lseek(2)
    public const int SEEK_DATA = 3;
    public const int SEEK_HOLE = 4;

    // pwritev2(2), since Linux 6.14
    public const int RWF_DONTCACHE = 0x80;

    // renameat2(2)
    public const uint RENAME_NOREPLACE = 1;
    public const uint RENAME_EXCHANGE = 2;

    // flock(2)
    public const int LOCK_SH = 1;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
    public const int LOCK_UN = 8;

    // statfs(2)
    public const long TMPFS_MAGIC = 0x0102_1994;
    public const long RAMFS_MAGIC = 0x8584_58f6;
    public const long HUGETLBFS_MAGIC = 0x9584_58f6;
    public const long EXT4_SUPER_MAGIC = 0xEF53; // also that of ext2 and ext3
    public const long XFS_SUPER_MAGIC = 0x5846_5342;

    // statx(2), since Linux 6.1; the struct of Tmds.LibC does not have these fields
    public const uint STATX_DIOALIGN = 0x2000;
    public const uint STATX_MNT_ID = 0x1000; // since Linux 5.8
    public const int AT_STATX_DONT_SYNC = 0x4000;
    public const int StatxMountOffset = 0x90;
    public const int StatxAttributesOffset = 0x08;
    public const ulong StatxAttributeAppend = 0x20; // STATX_ATTR_APPEND
    public const int StatxSizeBytes = 256;
    public const int StatxDioMemAlignOffset = 0x98;
    public const int StatxDioOffsetAlignOffset = 0x9c;

    // cachestat(2), since Linux 6.5; the same number on every architecture
    public const int SYS_cachestat = 451;

    // pthread_sigmask(3)
    [LibraryImport("libc")]
    public static partial int pthread_sigmask(int how, ulong* set, ulong* old);

    // getrusage(2)
    public const int RUSAGE_SELF = 0;

    // ioprio_set(2)
    public const int IOPRIO_WHO_PROCESS = 1;
    public const int IOPRIO_CLASS_SHIFT = 13;
    public const int IOPRIO_CLASS_BE = 2;
    public const int IOPRIO_CLASS_IDLE = 3;
    public const int IOPRIO_MAX_LEVEL = 7;

    public static int SYS_ioprio_set => CallNumbers.Of(RuntimeInformation.ProcessArchitecture).IoprioSet;
    public static int SYS_ioprio_get => CallNumbers.Of(RuntimeInformation.ProcessArchitecture).IoprioGet;

    // futex(2); flags from linux/futex.h
    public static int SYS_futex => CallNumbers.Of(RuntimeInformation.ProcessArchitecture).Futex;
    public const int FUTEX_WAIT_PRIVATE = 0 | 128;
    public const int FUTEX_WAKE_PRIVATE = 1 | 128;

    // io_submit(2): signal an eventfd
    public const uint IOCB_FLAG_RESFD = 1;

    // setpriority(2)
    public const int PRIO_PROCESS = 0;

    // getrlimit(2); the number differs only on MIPS and SPARC, where .NET does not run
    public const int RLIMIT_FSIZE = 1;
    public const int RLIMIT_NOFILE = 7;
    public const int RLIMIT_NICE = 13;

    // capability.h
    public const int CAP_SYS_NICE = 23;

    // readdir(3): linux_dirent64
    public const int DirentRecordLengthOffset = 16;
    public const int DirentNameOffset = 19;

    // _exit(2)
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void EndProcess(int code);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(int fd, int operation);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fstatfs(int fd, StatFs* buffer);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrusage(int who, RUsage* usage);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getpriority(int which, uint who);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, uint who, int nice);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_getscheduler(int thread);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setscheduler(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint ioprio(nint number, nint which, nint who, nint priority);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int renameat2(int oldDirectory, byte* oldName, int newDirectory, byte* newName, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int renameat(int oldDirectory, byte* oldName, int newDirectory, byte* newName);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwritev2(int fd, IoVector* vector, int count, long offset, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint getdents64(int fd, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint flistxattr(int fd, byte* list, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint fgetxattr(int fd, byte* name, byte* value, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsetxattr(int fd, byte* name, byte* value, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint getxattr(byte* path, byte* name, byte* value, nuint length);

    // posix_spawn(3) returns its error instead of setting errno.
    [LibraryImport("libc")]
    public static partial int posix_spawn(
        int* pid, byte* path, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, int* status, int options);

    // That of Tmds.LibC 0.5 keeps no errno.
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int PollFor(PollEntry* entries, nuint count, int timeoutMs);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public const short Readable = 1; // POLLIN

        public int Fd;
        public short Wanted;
        public short Found;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct statfs on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StatFs
    {
        public long Type;
        public long BlockSize;
        public ulong Blocks;
        public ulong BlocksFree;
        public ulong BlocksAvailable;
        public ulong Files;
        public ulong FilesFree;
        public ulong FilesystemId;
        public long NameLength;
        public long FragmentSize;
        public fixed long Spare[5];
    }

    /// <summary>struct rusage on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RUsage
    {
        public fixed long Times[4];
        public fixed long Sizes[4];
        public long MinorFaults;
        public long MajorFaults;
        public fixed long Rest[8];
    }

    /// <summary>struct rlimit on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct CacheStatRange
    {
        public ulong Offset;
        public ulong Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct CacheStat
    {
        public ulong Cached;
        public ulong Dirty;
        public ulong Writeback;
        public ulong Evicted;
        public ulong RecentlyEvicted;
    }

    /// <summary>struct iocb on little-endian 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlBlock
    {
        public ulong Data;
        public uint Key;
        public int Flags;
        public ushort Opcode;
        public short Priority;
        public uint Fd;
        public ulong Buffer;
        public ulong Length;
        public long Offset;
        public ulong Reserved;
        public uint QueueFlags;
        public uint EventFd;
    }

    /// <summary>struct io_event.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoEvent
    {
        public ulong Data;
        public ulong Block;
        public long Result;
        public long Result2;
    }
}
