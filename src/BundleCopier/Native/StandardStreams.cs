using System.Globalization;
using System.Text;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The descriptors 0, 1 and 2, which a process gets from its parent.</summary>
internal static class StandardStreams
{
    private const int CloseOnExec = 1; // fcntl(2), FD_CLOEXEC
    private const int AccessMode = 3; // open(2), O_ACCMODE

    private const string KernelLogPriority = "<3>"; // KERN_ERR

    // A longer record is refused (kernel/printk/printk.c, devkmsg_write).
    private const int MaxKernelLogBytes = 900;

    private static FileHandle? kernelLog;

    /// <summary>True when the parent gave this process a standard input.</summary>
    public static bool HasInput => IsGiven(0);

    /// <summary>True when the parent gave this process a standard output.</summary>
    public static bool HasOutput => IsGiven(1);

    /// <summary>True when the parent gave this process a standard error.</summary>
    public static bool HasError => IsGiven(2) && (fcntl(2, F_GETFL) & AccessMode) != O_RDONLY;

    /// <summary>
    /// Where there is no standard error, lines for it go to the kernel's log from now on (dmesg(1)): the kernel starts
    /// a program for a core without one. Without /dev/kmsg nothing changes.
    /// </summary>
    public static void FallBackToKernelLog()
    {
        if (!HasError && Calls.OpenAt(AT_FDCWD, "/dev/kmsg", O_WRONLY).Try(out FileHandle? opened, out _))
            kernelLog = opened;
    }

    /// <summary>Writes a line to standard error. Errors are ignored: there is no other place to report them.</summary>
    /// <param name="line">The line, without a line break.</param>
    public static void WriteErrorLine(string line)
    {
        if (HasError)
        {
            WriteError(Encoding.UTF8.GetBytes(line + "\n"));
        }
        else if (kernelLog is { } log)
        {
            byte[] record = KernelRecord(line);
            using FileHandle.Loan loan = log.Borrow();
            Write(loan.Fd, record);
        }
    }

    /// <summary>
    /// A record for the kernel's log. It ends in a line break: without one, readers see the record only when the next
    /// one comes (kernel/printk/printk.c, LOG_CONT).
    /// </summary>
    internal static byte[] KernelRecord(string line)
    {
        byte[] record = Encoding.UTF8.GetBytes(KernelLogPriority + line);
        return [.. record.AsSpan(0, Math.Min(record.Length, MaxKernelLogBytes - 1)), (byte)'\n'];
    }

    /// <summary>Writes bytes to standard error. Errors are ignored.</summary>
    public static void WriteError(ReadOnlySpan<byte> bytes) => Write(2, bytes);

    /// <summary>The device and the inode of standard error, as JOURNAL_STREAM has them; null where there are none.
    /// </summary>
    public static string? IdentityOfError() => Calls.StatusOf(2, out FileStat status).IsOk
        ? string.Create(CultureInfo.InvariantCulture, $"{status.Device}:{status.Inode}") : null;

    private static unsafe void Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                long count = write(descriptor, start + done, bytes.Length - done);
                int error = errno;
                if (count > 0)
                    done += (int)count;
                else if (error != EINTR)
                    return;
            }
        }
    }

    // If the parent closed a descriptor, the first file that the runtime or we open gets its number, and must not be
    // written to like a standard stream. Close-on-exec tells them apart: the parent's descriptors do not have it,
    // because they stayed open in execve(2); all files that are opened later have it.
    private static bool IsGiven(int descriptor)
    {
        int flags = fcntl(descriptor, F_GETFD);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }
}
