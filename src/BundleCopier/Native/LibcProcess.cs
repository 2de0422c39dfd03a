using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// Linux system calls about other processes and their memory; Tmds.LibC 0.5 has none of them. Each is declared only
/// here.
/// </summary>
internal static unsafe partial class LibcProcess
{
    // pidfd_open(2); the same number on every architecture
    public const int SYS_pidfd_open = 434;

    // shmat(2)
    public const int SHM_RDONLY = 0x1000;

    // syslog(2): SYSLOG_ACTION_READ_ALL
    public const int SyslogReadAll = 3;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint pidfd_open(nint number, nint pid, nint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint shmat(int id, void* address, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shmdt(void* address);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int klogctl(int action, byte* buffer, int length);
}
