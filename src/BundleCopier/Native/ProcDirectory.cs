using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>Reads files of procfs and sysfs, whose size is not known, piece by piece.</summary>
internal static class ProcDirectory
{
    private const int PieceBytes = 16 * 1024;

    /// <summary>Reads a file up to its end, or until the sink has enough.</summary>
    /// <param name="directoryFd">Where the path begins.</param>
    /// <param name="path">The path.</param>
    /// <param name="take">Takes the text.</param>
    public static unsafe IoResult Read(int directoryFd, string path, TextSink take)
    {
        if (!Calls.OpenAt(directoryFd, path, O_RDONLY | O_NONBLOCK).Try(out FileHandle? file, out Errno error))
            return IoResult.Failed(error);
        using (file)
        {
            byte* piece = stackalloc byte[PieceBytes];
            for (long at = 0; ;)
            {
                IoResult read = Calls.Read(file, (nint)piece, PieceBytes, at);
                if (read.Error.IsInterrupted)
                    continue;
                if (!read.IsOk)
                    return IoResult.Failed(read.Error);
                if (read.Value == 0 || !take(new ReadOnlySpan<byte>(piece, (int)read.Value)))
                    return IoResult.Done;
                at += read.Value;
            }
        }
    }
}
