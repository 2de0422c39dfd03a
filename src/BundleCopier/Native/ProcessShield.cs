using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcExtra;
using static BundleCopier.Native.LibcSecurity;

namespace BundleCopier.Native;

/// <summary>
/// Keeps other processes of the same user out of this one, because its memory has pieces of what it copies. With
/// PR_SET_DUMPABLE 0 it is never dumped, and only a process with CAP_SYS_PTRACE can read its memory or attach to it.
/// The files below /proc/self then belong to root. A thread of this process can still open what it may read, and its
/// own descriptors (proc_fd_permission in fs/proc/fd.c), but without root no file that must be written.
/// </summary>
internal static unsafe class ProcessShield
{
    public static IoResult Apply()
    {
        OomScore.KeepOpen();
        int result = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        int error = Marshal.GetLastPInvokeError();
        if (result != 0)
            return IoResult.Failed(error);
        ResourceLimit none = default;
        result = setrlimit(RLIMIT_CORE, &none);
        error = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }
}
