using System.Text;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The three descriptors that a process is given.</summary>
internal static class StandardStreams
{
    private const int CloseOnExec = 1; // fcntl(2), FD_CLOEXEC

    /// <summary>Somebody gave us a standard input.</summary>
    public static bool HasInput => IsGiven(0);

    /// <summary>Somebody gave us a standard output.</summary>
    public static bool HasOutput => IsGiven(1);

    /// <summary>Somebody gave us a standard error.</summary>
    public static bool HasError => IsGiven(2);

    /// <summary>Writes a line to standard error, if there is one that takes it; nobody can be told otherwise.</summary>
    /// <param name="line">The line, without its end.</param>
    public static unsafe void WriteErrorLine(string line)
    {
        if (!HasError)
            return;
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                long count = write(2, start + done, bytes.Length - done);
                int error = errno;
                if (count > 0)
                    done += (int)count;
                else if (error != EINTR)
                    return;
            }
        }
    }

    // A descriptor that was closed when the process began is taken by the first file that the runtime or we open, which then
    // must not be written to as if it were a terminal. What is given survived an exec; what is opened since closes on exec.
    private static bool IsGiven(int descriptor)
    {
        int flags = fcntl(descriptor, F_GETFD);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }
}
