using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Finds by trying how to write to a filesystem without leaving data in the page cache. It tries on a file without a
/// name (O_TMPFILE), which disappears when it is closed, and also when this process is killed.
/// </summary>
internal static unsafe class OutputIoProbe
{
    private const int PrivateFile = 0x180; // 0600

    public static IoResult<DestinationTraits> Run(FileHandle directory)
    {
        IoResult filesystem = Calls.FilesystemStatus(directory, out StatFs status);
        if (!filesystem.IsOk)
            return IoResult<DestinationTraits>.Failed(filesystem.Error);
        // tmpfs accepts O_DIRECT, but its files are in the page cache anyway.
        if (status.Type is TMPFS_MAGIC or RAMFS_MAGIC)
            return Found(OutputIo.Bounded);

        byte* buffer = stackalloc byte[2 * Alignment.Bytes];
        nint page = (nint)Alignment.Up((long)buffer);
        if (TryDirect(directory, page))
            return Found(OutputIo.Direct);
        return Found(TryDontCache(directory, page) ? OutputIo.DontCache : OutputIo.Bounded);
    }

    /// <summary>Creates a file without a name.</summary>
    public static IoResult<FileHandle> OpenNameless(FileHandle directory, int flags)
    {
        using FileHandle.Loan loan = directory.Borrow();
        return Calls.OpenAt(loan.Fd, ".", O_TMPFILE | O_RDWR | flags, PrivateFile);
    }

    // Some filesystems accept O_DIRECT but buffer anyway (btrfs with checksums, ZFS), so look into the page cache
    // after the write.
    private static bool TryDirect(FileHandle directory, nint page)
    {
        if (!OpenNameless(directory, O_DIRECT).Try(out FileHandle? file, out _))
            return false;
        using (file)
        {
            return Calls.DirectAlignment(file) <= Alignment.Bytes
                && Calls.Write(file, page, Alignment.Bytes, 0).Value == Alignment.Bytes
                && Calls.CachedBytes(file) <= 0;
        }
    }

    private static bool TryDontCache(FileHandle directory, nint page)
    {
        if (!OpenNameless(directory, 0).Try(out FileHandle? file, out _))
            return false;
        using (file)
            return Calls.WriteDontCache(file, page, Alignment.Bytes, 0).Value == Alignment.Bytes;
    }

    private static IoResult<DestinationTraits> Found(OutputIo io) =>
        IoResult<DestinationTraits>.Ok(new DestinationTraits(io));
}
