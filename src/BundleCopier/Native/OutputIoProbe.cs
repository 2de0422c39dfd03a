using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Finds out by trying how a filesystem can be written without leaving page cache behind. It tries on a file without a
/// name (O_TMPFILE), which nobody sees and which is gone when it is closed, also if this process is killed.
/// </summary>
internal static unsafe class OutputIoProbe
{
    private const int PrivateFile = 0x180; // 0600

    public static IoResult<DestinationTraits> Run(FileHandle directory)
    {
        IoResult filesystem = Calls.FilesystemStatus(directory, out StatFs status);
        if (!filesystem.IsOk)
            return IoResult<DestinationTraits>.Failed(filesystem.Error);
        // tmpfs takes O_DIRECT, and is page cache all the same.
        if (status.Type is TMPFS_MAGIC or RAMFS_MAGIC)
            return Found(OutputIo.Bounded);

        byte* room = stackalloc byte[2 * Alignment.Bytes];
        nint page = (nint)Alignment.Up((long)room);
        if (TryDirect(directory, page))
            return Found(OutputIo.Direct);
        return Found(TryDontCache(directory, page) ? OutputIo.DontCache : OutputIo.Bounded);
    }

    /// <summary>Makes a file that has no name.</summary>
    public static IoResult<FileHandle> OpenNameless(FileHandle directory, int flags)
    {
        using FileHandle.Loan loan = directory.Borrow();
        return Calls.OpenAt(loan.Fd, ".", O_TMPFILE | O_RDWR | flags, PrivateFile);
    }

    // Some filesystems take O_DIRECT and buffer all the same (btrfs with checksums, ZFS): so look at what is cached after.
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
