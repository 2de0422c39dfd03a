using System.Text;
using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Opens small files such as a manifest. .NET would lock each file that it opens by its path (flock(2)), and fail where
/// another user holds a lock, for which that user needs only the right to read, also for files of /proc.
/// </summary>
internal static class InputFileOpener
{
    /// <summary>Opens a file for reading from its start to its end.</summary>
    public static IoResult<Stream> Open(string path)
    {
        if (!Calls.OpenAt(AT_FDCWD, path, O_RDONLY).Try(out FileHandle? opened, out Errno error))
            return IoResult<Stream>.Failed(error);
        SafeFileHandle file = new(opened.TakeOver(), ownsHandle: true);
        return IoResult<Stream>.Ok(new FileStream(file, FileAccess.Read, bufferSize: 0));
    }

    /// <summary>The lines of a text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; null for UTF-8.</param>
    public static IoResult<IReadOnlyList<string>> ReadLines(string path, Encoding? encoding = null)
    {
        if (!Open(path).Try(out Stream? stream, out Errno error))
            return IoResult<IReadOnlyList<string>>.Failed(error);
        List<string> lines = [];
        using StreamReader reader = new(stream, encoding ?? Encoding.UTF8);
        try
        {
            while (reader.ReadLine() is { } line)
                lines.Add(line);
        }
        catch (IOException)
        {
            return IoResult<IReadOnlyList<string>>.Failed(EIO);
        }

        return IoResult<IReadOnlyList<string>>.Ok(lines);
    }
}
