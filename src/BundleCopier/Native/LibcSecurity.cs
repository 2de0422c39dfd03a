using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// Linux system calls and constants that change what a process may do and who may look into it; Tmds.LibC 0.5 has none
/// of them. Each is declared only here.
/// </summary>
internal static unsafe partial class LibcSecurity
{
    // getauxval(3)
    public const nuint AT_SECURE = 23;

    // setrlimit(2)
    public const int RLIMIT_CORE = 4;

    // prctl(2)
    public const int PR_SET_DUMPABLE = 4;
    public const int PR_CAPBSET_DROP = 24;
    public const int PR_SET_NO_NEW_PRIVS = 38;
    public const int PR_CAP_AMBIENT = 47;
    public const nuint PR_CAP_AMBIENT_IS_SET = 1;

    // capset(2): two words of 32 capabilities each
    public const uint LinuxCapabilityVersion3 = 0x2008_0522;

    // landlock(7); the same numbers on every architecture
    public const int SYS_landlock_create_ruleset = 444;
    public const int SYS_landlock_add_rule = 445;
    public const int SYS_landlock_restrict_self = 446;
    public const uint LANDLOCK_CREATE_RULESET_VERSION = 1;
    public const int LANDLOCK_RULE_PATH_BENEATH = 1;
    public const ulong LANDLOCK_ACCESS_FS_EXECUTE = 1 << 0;
    public const ulong LANDLOCK_ACCESS_FS_WRITE_FILE = 1 << 1;
    public const ulong LANDLOCK_ACCESS_FS_READ_FILE = 1 << 2;
    public const ulong LANDLOCK_ACCESS_FS_READ_DIR = 1 << 3;
    public const ulong LANDLOCK_ACCESS_FS_REMOVE_DIR = 1 << 4;
    public const ulong LANDLOCK_ACCESS_FS_REMOVE_FILE = 1 << 5;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_CHAR = 1 << 6;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_DIR = 1 << 7;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_REG = 1 << 8;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_SOCK = 1 << 9;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_FIFO = 1 << 10;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_BLOCK = 1 << 11;
    public const ulong LANDLOCK_ACCESS_FS_MAKE_SYM = 1 << 12;
    public const ulong LANDLOCK_ACCESS_FS_REFER = 1 << 13; // version 2
    public const ulong LANDLOCK_ACCESS_FS_TRUNCATE = 1 << 14; // version 3
    public const ulong LANDLOCK_ACCESS_FS_IOCTL_DEV = 1 << 15; // version 5
    public const ulong LANDLOCK_ACCESS_NET_BIND_TCP = 1 << 0; // version 4
    public const ulong LANDLOCK_ACCESS_NET_CONNECT_TCP = 1 << 1; // version 4
    public const ulong LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0; // version 6
    public const ulong LANDLOCK_SCOPE_SIGNAL = 1 << 1; // version 6

    [LibraryImport("libc")]
    public static partial nuint getauxval(nuint type);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, LibcExtra.ResourceLimit* limit);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int capget(CapabilityHeader* header, CapabilityWord* words);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int capset(CapabilityHeader* header, CapabilityWord* words);

    // syscall(2) with the arguments of the calls of landlock(7)
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint landlock(nint number, nint first, nint second, nint third, nint fourth);

    /// <summary>struct __user_cap_header_struct. Thread 0 is the calling one.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CapabilityHeader
    {
        public uint Version;
        public int Thread;
    }

    /// <summary>struct __user_cap_data_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CapabilityWord
    {
        public uint Effective;
        public uint Permitted;
        public uint Inheritable;
    }

    /// <summary>struct landlock_ruleset_attr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LandlockRuleset
    {
        public ulong HandledFiles;
        public ulong HandledNetwork;
        public ulong Scoped;
    }

    /// <summary>struct landlock_path_beneath_attr, which is packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct LandlockPath
    {
        public ulong Allowed;
        public int Directory;
    }
}
