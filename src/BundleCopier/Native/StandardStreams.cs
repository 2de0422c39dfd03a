using System.Text;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The descriptors 0, 1 and 2, which a process gets from its parent.</summary>
internal static class StandardStreams
{
    private const int CloseOnExec = 1; // fcntl(2), FD_CLOEXEC

    /// <summary>True when the parent gave this process a standard input.</summary>
    public static bool HasInput => IsGiven(0);

    /// <summary>True when the parent gave this process a standard output.</summary>
    public static bool HasOutput => IsGiven(1);

    /// <summary>True when the parent gave this process a standard error.</summary>
    public static bool HasError => IsGiven(2);

    /// <summary>Writes a line to standard error. Errors are ignored: there is no other place to report them.</summary>
    /// <param name="line">The line, without a line break.</param>
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

    // If the parent closed a descriptor, the first file that the runtime or we open gets its number, and must not be
    // written to like a standard stream. Close-on-exec tells them apart: the parent's descriptors do not have it,
    // because they stayed open in execve(2); all files that are opened later have it.
    private static bool IsGiven(int descriptor)
    {
        int flags = fcntl(descriptor, F_GETFD);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }
}
