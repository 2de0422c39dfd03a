using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Starts a program and waits for it. posix_spawn(3) shares this process's memory with the child until it has its own program (vfork),
/// so no page table is copied and nothing managed runs in the child; descriptors are all O_CLOEXEC.
/// </summary>
internal static unsafe class ChildProcess
{
    public static IoResult RunTrue()
    {
        int pid;
        fixed (byte* path = "/bin/true\0"u8)
        {
            byte** arguments = stackalloc byte*[2] { path, null };
            byte** environment = stackalloc byte*[1] { null };
            int error = posix_spawn(&pid, path, null, null, arguments, environment);
            if (error != 0)
                return IoResult.Failed(error);
        }

        while (true)
        {
            int result = waitpid(pid, null, 0);
            int error = Marshal.GetLastPInvokeError();
            // Where SIGCHLD is ignored the kernel keeps no dead children, and says so once this one has ended (waitpid(2)).
            if (result == pid || error == ECHILD)
                return IoResult.Done;
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }
}
