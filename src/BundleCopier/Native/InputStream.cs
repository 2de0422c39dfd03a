using System.Globalization;
using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>Opens files that the user names, for reading.</summary>
internal static class InputStream
{
    /// <summary>As <see cref="File.OpenRead"/>, also where the path is not UTF-8, which the runtime cannot open.</summary>
    public static FileStream Open(string path)
    {
        if (!NameBytes.HasRaw(path))
            return File.OpenRead(path);
        if (!Calls.OpenAt(AT_FDCWD, path, O_RDONLY).Try(out FileHandle? file, out Errno error))
            throw error.Code == ENOENT ? new FileNotFoundException() : new IOException(error.Name);
        using (file)
        {
            using FileHandle.Loan loan = file.Borrow();
            return File.OpenRead(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{loan.Fd}"));
        }
    }
}
