using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Signals that the parent process has told this one to ignore, as nohup(1) does with SIGHUP. A program must leave them
/// ignored (signal(7): ignored dispositions are inherited through execve(2)).
/// </summary>
internal static unsafe class IgnoredSignal
{
    /// <summary>True when the signal is ignored now.</summary>
    public static bool Is(int signal)
    {
        Tmds.Linux.sigaction found;
        return sigaction(signal, null, &found) == 0 && found.sa_handler == SIG_IGN;
    }
}
