using System.Runtime.InteropServices;
using System.Text;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The terminal on standard error, where there is one. Its modes are never changed.</summary>
internal static unsafe class ErrorTerminal
{
    private const int Descriptor = 2;

    // ioctl_tty(2); the same numbers on x64 and arm64 (asm-generic/ioctls.h).
    private const nuint TIOCGWINSZ = 0x5413;
    private const nuint TIOCGPGRP = 0x540F;

    /// <summary>True when standard error is a terminal that can move its cursor.</summary>
    public static bool IsThere =>
        StandardStreams.HasError && Size(out _) && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    /// <summary>The width of the terminal now; 80 where it does not know.</summary>
    public static int Columns => Size(out WindowSize size) && size.Columns > 0 ? size.Columns : 80;

    /// <summary>
    /// False when a shell runs the program in the background: what it draws would mix with what the user types.
    /// </summary>
    public static bool IsForeground
    {
        get
        {
            int group = 0;
            // A terminal that is not the controlling one (ENOTTY) has no jobs.
            return LibcServer.ioctl(Descriptor, TIOCGPGRP, &group) != 0 || group == getpgrp();
        }
    }

    /// <summary>
    /// True when standard error is the journal's: JOURNAL_STREAM names its device and inode (systemd.exec(5)).
    /// </summary>
    public static bool IsJournal =>
        Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 } stream
        && StandardStreams.HasError && StandardStreams.IdentityOfError() == stream;

    /// <summary>Writes text as it is. Errors are ignored: a terminal can be gone, and the work goes on.</summary>
    public static void Write(string text) => StandardStreams.WriteError(Encoding.UTF8.GetBytes(text));

    private static bool Size(out WindowSize size)
    {
        size = default;
        fixed (WindowSize* at = &size)
            return LibcServer.ioctl(Descriptor, TIOCGWINSZ, at) == 0;
    }

    /// <summary>struct winsize.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct WindowSize
    {
        public readonly ushort Rows;
        public readonly ushort Columns;
        public readonly ushort Width;
        public readonly ushort Height;
    }
}
