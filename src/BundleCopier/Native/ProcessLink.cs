using System.Globalization;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>What /proc says of another process.</summary>
internal static class ProcessLink
{
    /// <summary>
    /// The path of the program that a process runs (proc_pid_exe(5)); null where there is no such process, or where the
    /// caller may not look.
    /// </summary>
    public static string? ExecutableOf(int pid)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        if (!Calls.OpenAt(AT_FDCWD, path, O_PATH | O_DIRECTORY).Try(out FileHandle? process, out _))
            return null;
        using (process)
            return Calls.ReadLinkAt(process, "exe").Value;
    }
}
