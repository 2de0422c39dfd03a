using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Starts a program and waits for its end. posix_spawn(3) works like vfork(2): the child shares this process's memory
/// until it executes its program, so no page table is copied, and no managed code runs in the child. All our
/// descriptors are O_CLOEXEC, so the child inherits none.
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
            // Where SIGCHLD is ignored the kernel discards dead children; waitpid(2) then fails with ECHILD after the
            // child's end.
            if (result == pid || error == ECHILD)
                return IoResult.Done;
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }
}
