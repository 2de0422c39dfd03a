using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Opens small files such as a manifest. FileStream would lock each file that it opens by its path (flock(2)), and
/// fail where another user holds a lock, for which that user needs only the right to read.
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
}
