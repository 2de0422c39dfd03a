using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// The signal that the kernel sends to the holder of a lease when another process wants to write to the file
/// (fcntl(2), F_SETLEASE). It is SIGIO, which ends a process that neither handles nor ignores it; SIGURG is ignored
/// by default.
/// </summary>
internal static unsafe class LeaseSignal
{
    /// <summary>
    /// SIGIO would end this process, so <see cref="Set"/> has to be called before each lease is taken.
    /// </summary>
    public static bool MustBeSet
    {
        get
        {
            Tmds.Linux.sigaction found;
            return sigaction(SIGIO, null, &found) != 0 || found.sa_handler == SIG_DFL;
        }
    }

    /// <summary>Has SIGURG sent for the file's next lease.</summary>
    public static bool Set(int descriptor) => fcntl(descriptor, F_SETSIG, SIGURG) == 0;
}
