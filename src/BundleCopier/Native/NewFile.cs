using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>Writes a small file as a whole.</summary>
internal static unsafe class NewFile
{
    private const int Mode = 0x1A4; // 0644, less the umask

    /// <summary>Writes it under its name, which has all of it or nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All bytes.</param>
    /// <param name="replaces">Replace a file that is there; otherwise the answer is EEXIST.</param>
    /// <returns>The error; null when it is written.</returns>
    public static Errno? Write(string path, ReadOnlySpan<byte> content, bool replaces)
    {
        string temporary = $"{path}.{Environment.ProcessId}.new";
        fixed (byte* from = Calls.ToBytes(temporary), to = Calls.ToBytes(path))
        {
            int descriptor = open(from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, Mode);
            int error = errno;
            if (descriptor < 0)
                return new Errno(error);
            Errno? failed = WriteAll(descriptor, content);
            _ = close(descriptor);
            if (failed is null)
            {
                int named = LibcExtra.renameat2(
                    AT_FDCWD, from, AT_FDCWD, to, replaces ? 0 : LibcExtra.RENAME_NOREPLACE);
                error = Marshal.GetLastPInvokeError();
                // A filesystem that cannot do this in one step, such as NFS.
                if (named != 0 && error == EINVAL && !replaces)
                {
                    named = link(from, to);
                    error = errno;
                    if (named == 0)
                        _ = unlink(from);
                }

                if (named == 0)
                    return null;
                failed = new Errno(error);
            }

            _ = unlink(from);
            return failed;
        }
    }

    private static Errno? WriteAll(int descriptor, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            for (int done = 0; done < content.Length;)
            {
                long count = write(descriptor, start + done, content.Length - done);
                int error = errno;
                if (count > 0)
                    done += (int)count;
                else if (error != EINTR)
                    return new Errno(error);
            }
        }

        return null;
    }
}
