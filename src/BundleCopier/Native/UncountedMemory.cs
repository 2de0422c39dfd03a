using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Memory that the kernel makes without a file name: memfd_create(2), System V segments and shared anonymous memory.
/// The kernel does not count the writers of such a file (mm/shmem.c makes it without get_write_access), and so grants a
/// read lease on it although programs have it open for writing (tried on Linux 6.18).
/// </summary>
internal static unsafe class UncountedMemory
{
    private const uint MFD_CLOEXEC = 1;

    // All such files of tmpfs are on one mount of the kernel's own, and so have one device number.
    private static readonly Lazy<ulong?> TmpfsDevice = new(ReadDevice);

    /// <summary>A lease on the file would not tell whether programs write to it.</summary>
    /// <param name="filesystemType">The <c>f_type</c> of statfs(2).</param>
    /// <param name="status">The file's status.</param>
    public static bool Has(long filesystemType, in FileStat status) => filesystemType switch
    {
        // Where the number cannot be had, every file without a name counts as one of these.
        TMPFS_MAGIC => TmpfsDevice.Value is { } device ? status.Device == device : status.Links == 0,
        HUGETLBFS_MAGIC => status.Links == 0,
        _ => false,
    };

    private static ulong? ReadDevice()
    {
        int file;
        fixed (byte* name = "device\0"u8)
            file = memfd_create(name, MFD_CLOEXEC);
        if (file < 0)
            return null;
        using FileHandle handle = new(file);
        return Calls.Status(handle, out FileStat status).IsOk ? status.Device : null;
    }
}
