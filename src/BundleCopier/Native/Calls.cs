using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// One method per system call. It retries after EINTR where that is safe, and reads errno on the line after the call,
/// because later code can change it. Path arguments are single names or absolute paths, without NUL.
/// </summary>
internal static unsafe class Calls
{
    // A holder that gives its lease back does so at once; one that does not has 45 s (/proc/sys/fs/lease-break-time).
    private const int MaxLeaseWaitMs = 500;
    private const int LeaseWaitMs = 10;

    private const int ShortNameBytes = 512;

    // Kept open because the kernel would look up four names for each file again, one of which (self) is a link that it
    // makes each time.
    private static readonly Lazy<FileHandle?> OwnDescriptors = new(
        static () => OpenAt(AT_FDCWD, "/proc/self/fd", O_PATH | O_DIRECTORY).Try(out FileHandle? directory, out _)
            ? directory
            : null);

    public static IoResult<FileHandle> OpenAt(int directoryFd, string name, int flags, int mode = 0)
    {
        // Short names go to the stack: there may be 100,000 of them.
        int maxBytes = Encoding.UTF8.GetMaxByteCount(name.Length) + 1;
        Span<byte> path = stackalloc byte[maxBytes <= ShortNameBytes ? ShortNameBytes : 0];
        if (path.IsEmpty)
            return OpenAt(directoryFd, ToBytes(name), flags, mode);
        int length = NameBytes.Get(name, path);
        path[length] = 0;
        return OpenAt(directoryFd, path[..(length + 1)], flags, mode);
    }

    /// <summary>
    /// Opens the file of an O_PATH descriptor, for example for reading. It is the same inode, even when the name
    /// leads to another file by now.
    /// </summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="flags">Those of open(2).</param>
    /// <param name="name">Where it was found; without /proc, a file is opened by that. Null for nothing.</param>
    public static IoResult<FileHandle> Reopen(FileHandle handle, int flags, FoundName? name = null)
    {
        using FileHandle.Loan loan = handle.Borrow();
        // A directory needs no /proc.
        if ((flags & O_DIRECTORY) != 0)
            return OpenAt(loan.Fd, ".", flags);
        if (OwnDescriptors.Value is not { } descriptors)
        {
            return name is { } found
                ? OpenSame(handle, flags, found) : IoResult<FileHandle>.Failed(KernelErrors.NoProc);
        }

        using FileHandle.Loan directory = descriptors.Borrow();
        return OpenAt(directory.Fd, loan.Fd.ToString(CultureInfo.InvariantCulture), flags);
    }

    /// <summary>
    /// As <see cref="Reopen"/>, for a source. Another process may hold a write lease on the file (fcntl(2)): the first
    /// attempt fails with EAGAIN and asks for the lease, and later ones succeed when it is given back.
    /// </summary>
    public static IoResult<FileHandle> ReopenSource(FileHandle handle, int flags, FoundName? name = null)
    {
        IoResult<FileHandle> opened = Reopen(handle, flags | O_NONBLOCK, name);
        for (int waitedMs = 0; opened.Error.Code == EAGAIN && waitedMs < MaxLeaseWaitMs; waitedMs += LeaseWaitMs)
        {
            _ = poll(null, 0, LeaseWaitMs);
            opened = Reopen(handle, flags | O_NONBLOCK, name);
        }

        return opened;
    }

    // What has taken the name meanwhile is opened, without waiting, and closed at once.
    private static IoResult<FileHandle> OpenSame(FileHandle handle, int flags, FoundName name)
    {
        FileHandle? opened;
        using (FileHandle.Loan directory = name.Directory.Borrow())
        {
            if (!OpenAt(directory.Fd, name.Name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
                .Try(out opened, out Errno error))
            {
                return IoResult<FileHandle>.Failed(error);
            }
        }

        if (Status(handle, out FileStat wanted).IsOk && Status(opened, out FileStat status).IsOk
            && status.Identity.IsSameFile(wanted.Identity))
        {
            return IoResult<FileHandle>.Ok(opened);
        }

        opened.Dispose();
        return IoResult<FileHandle>.Failed(ENOENT);
    }

    public static IoResult Status(FileHandle handle, out FileStat status)
    {
        using FileHandle.Loan loan = handle.Borrow();
        return StatusOf(loan.Fd, out status);
    }

    /// <summary>The status of a descriptor that the caller keeps open.</summary>
    public static IoResult StatusOf(int descriptor, out FileStat status)
    {
        Tmds.Linux.stat native;
        int result = fstat(descriptor, &native);
        int error = errno;
        status = result == 0 ? From(native) : default;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    public static IoResult StatusAt(FileHandle directory, string name, out FileStat status)
    {
        using FileHandle.Loan loan = directory.Borrow();
        Tmds.Linux.stat native;
        fixed (byte* path = ToBytes(name))
        {
            int result = fstatat(loan.Fd, path, &native, AT_SYMLINK_NOFOLLOW);
            int error = errno;
            WalkMark.OfThisThread.Step();
            status = result == 0 ? From(native) : default;
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }

    /// <summary>The target of a symbolic link.</summary>
    public static IoResult<string> ReadLinkAt(FileHandle directory, string name)
    {
        const int MaxPathBytes = 4096; // PATH_MAX
        byte* target = stackalloc byte[MaxPathBytes];
        using FileHandle.Loan loan = directory.Borrow();
        fixed (byte* path = ToBytes(name))
        {
            long length = readlinkat(loan.Fd, path, target, MaxPathBytes);
            int error = errno;
            return length < 0
                ? IoResult<string>.Failed(error)
                : IoResult<string>.Ok(NameBytes.ToText(new ReadOnlySpan<byte>(target, (int)length)));
        }
    }

    /// <summary>Whether a file has rights beyond its mode, also one that was opened with O_PATH (acl(5)).</summary>
    public static bool HasAcl(FileHandle handle)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* path = ToBytes($"/proc/self/fd/{loan.Fd}"), name = ToBytes("system.posix_acl_access"))
        {
            nint length = getxattr(path, name, null, 0);
            int error = Marshal.GetLastPInvokeError();
            return length >= 0 || (error != ENODATA && error != EOPNOTSUPP);
        }
    }

    /// <summary>The path of an open file as the kernel knows it now; null where /proc is not mounted.</summary>
    public static string? PathOf(FileHandle handle)
    {
        if (OwnDescriptors.Value is not { } descriptors)
            return null;
        using FileHandle.Loan loan = handle.Borrow();
        return ReadLinkAt(descriptors, loan.Fd.ToString(CultureInfo.InvariantCulture)).Value;
    }

    public static IoResult Seek(FileHandle handle, long offset, int whence)
    {
        using FileHandle.Loan loan = handle.Borrow();
        long position = lseek(loan.Fd, offset, whence);
        int error = errno;
        return position < 0 ? IoResult.Failed(error) : IoResult.Ok(position);
    }

    /// <summary>
    /// One pread(2). It may read less, and the caller retries after EINTR: it needs a loop for short reads anyway.
    /// </summary>
    public static IoResult Read(FileHandle handle, nint destination, int length, long offset)
    {
        using FileHandle.Loan loan = handle.Borrow();
        long count = pread(loan.Fd, (void*)destination, length, offset);
        int error = errno;
        return count < 0 ? IoResult.Failed(error) : IoResult.Ok(count);
    }

    /// <summary>One pwrite(2). It may write less; the caller retries after EINTR.</summary>
    public static IoResult Write(FileHandle handle, nint source, int length, long offset)
    {
        using FileHandle.Loan loan = handle.Borrow();
        long count = pwrite(loan.Fd, (void*)source, length, offset);
        int error = errno;
        return count < 0 ? IoResult.Failed(error) : IoResult.Ok(count);
    }

    /// <summary>Whether files may have this size and no more (RLIMIT_FSIZE).</summary>
    public static bool IsSizeLimit(long sizeBytes)
    {
        ResourceLimit limit;
        return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.Soft == (ulong)sizeBytes;
    }

    /// <summary>One pwritev2(2) with RWF_DONTCACHE. EOPNOTSUPP where the filesystem does not support it.</summary>
    public static IoResult WriteDontCache(FileHandle handle, nint source, int length, long offset)
    {
        using FileHandle.Loan loan = handle.Borrow();
        IoVector vector = new() { Base = (void*)source, Length = (nuint)length };
        long count = pwritev2(loan.Fd, &vector, 1, offset, RWF_DONTCACHE);
        int error = errno;
        return count < 0 ? IoResult.Failed(error) : IoResult.Ok(count);
    }

    /// <summary>
    /// The bytes of a range that are in the page cache (cachestat(2)); -1 where the kernel does not tell.
    /// </summary>
    /// <param name="handle">The file.</param>
    /// <param name="offset">The start of the range.</param>
    /// <param name="length">The length of the range; 0 for everything up to the end of the file.</param>
    public static long CachedBytes(FileHandle handle, long offset = 0, long length = 0)
    {
        using FileHandle.Loan loan = handle.Borrow();
        CacheStatRange range = new() { Offset = (ulong)offset, Length = (ulong)length };
        CacheStat found;
        long result = (long)syscall(SYS_cachestat, loan.Fd, &range, &found, 0);
        return result < 0 ? -1 : (long)found.Cached * Environment.SystemPageSize;
    }

    /// <summary>Drops all pages that contain a part of the range from the page cache.</summary>
    public static void DropCache(FileHandle handle, long offset, long length)
    {
        // posix_fadvise(2) keeps a page that is only partly in the range, so round to whole pages. On arm64 kernels a
        // page may be larger than a block, and without the rounding the last page of many files stayed in the cache
        // (16 KiB, measured).
        long pageBytes = Environment.SystemPageSize;
        long start = offset & -pageBytes;
        long end = (offset + length + pageBytes - 1) & -pageBytes;
        using FileHandle.Loan loan = handle.Borrow();
        _ = posix_fadvise(loan.Fd, start, end - start, POSIX_FADV_DONTNEED);
    }

    public static IoResult FilesystemStatus(FileHandle handle, out StatFs status)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (StatFs* native = &status)
        {
            while (true)
            {
                int result = fstatfs(loan.Fd, native);
                int error = errno;
                if (result == 0)
                    return IoResult.Done;
                if (error != EINTR)
                    return IoResult.Failed(error);
            }
        }
    }

    /// <summary>
    /// The alignment that direct I/O on a file requires of offsets and memory (statx(2)); 0 where the kernel does not
    /// tell.
    /// </summary>
    public static int DirectAlignment(FileHandle handle)
    {
        byte* found = stackalloc byte[StatxSizeBytes];
        if (!TryStatx(handle, STATX_DIOALIGN, found))
            return 0;
        uint memory = *(uint*)(found + StatxDioMemAlignOffset);
        uint offset = *(uint*)(found + StatxDioOffsetAlignOffset);
        return (int)Math.Max(memory, offset);
    }

    /// <summary>
    /// The mount that a directory is on (statx(2), since Linux 5.8); its device number on older kernels, where a
    /// directory that is mounted from the same filesystem is not noticed.
    /// </summary>
    public static ulong MountOf(FileHandle directory) =>
        MountIdOf(directory) is not 0 and var id ? id
        : Status(directory, out FileStat status).IsOk ? status.Device : 0;

    /// <summary>
    /// The number of the mount of an open file, which asks no filesystem; 0 where the kernel does not tell.
    /// </summary>
    public static ulong MountIdOf(FileHandle file)
    {
        byte* found = stackalloc byte[StatxSizeBytes];
        return TryStatx(file, STATX_MNT_ID, found, AT_STATX_DONT_SYNC) ? *(ulong*)(found + StatxMountOffset) : 0;
    }

    /// <summary>
    /// The directory has the attribute "append only" (statx(2), stx_attributes); false where the kernel does not tell.
    /// </summary>
    public static bool IsAppendOnly(FileHandle directory)
    {
        byte* found = stackalloc byte[StatxSizeBytes];
        return TryStatx(directory, 0, found)
            && (*(ulong*)(found + StatxAttributesOffset) & StatxAttributeAppend) != 0;
    }

    /// <summary>
    /// Sets the mode of an open file, also of one that was opened with O_PATH. Where the filesystem has no modes, this
    /// changes nothing.
    /// </summary>
    public static void SetMode(FileHandle handle, int mode)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* path = ToBytes($"/proc/self/fd/{loan.Fd}"))
            _ = chmod(path, (Tmds.Linux.mode_t)(uint)mode);
    }

    public static IoResult SetXattr(FileHandle handle, string name, ReadOnlySpan<byte> value)
    {
        using FileHandle.Loan loan = handle.Borrow();
        fixed (byte* nameBytes = ToBytes(name), valueBytes = value)
        {
            int result = fsetxattr(loan.Fd, nameBytes, valueBytes, (nuint)value.Length, 0);
            int error = Marshal.GetLastPInvokeError();
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }

    /// <summary>Sets the time of the last change of the content, and leaves that of the last access as it is.</summary>
    public static IoResult SetModified(FileHandle handle, Timestamp time)
    {
        Tmds.Linux.timespec* times = stackalloc Tmds.Linux.timespec[2];
        times[0].tv_nsec = UTIME_OMIT;
        times[1].tv_sec = time.Seconds;
        times[1].tv_nsec = (int)time.Nanoseconds;
        using FileHandle.Loan loan = handle.Borrow();
        int result = futimens(loan.Fd, times);
        int error = errno;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    /// <summary>Whether statx(2) tells all that is wanted of an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="wanted">The bits of <c>stx_mask</c>; they are first in the result.</param>
    /// <param name="found">Room for the result.</param>
    /// <param name="flags">More flags.</param>
    private static bool TryStatx(FileHandle file, uint wanted, byte* found, int flags = 0)
    {
        byte empty = 0;
        using FileHandle.Loan loan = file.Borrow();
        return statx(loan.Fd, &empty, AT_EMPTY_PATH | flags, wanted, (Tmds.Linux.statx*)found) == 0
            && (*(uint*)found & wanted) == wanted;
    }

    private static IoResult<FileHandle> OpenAt(int directoryFd, ReadOnlySpan<byte> name, int flags, int mode)
    {
        fixed (byte* path = name)
        {
            while (true)
            {
                int fd = openat(directoryFd, path, flags | O_CLOEXEC, (ushort)mode);
                int error = errno;
                WalkMark.OfThisThread.Step();
                if (fd >= 0)
                    return IoResult<FileHandle>.Ok(new FileHandle(fd));
                if (error != EINTR)
                    return IoResult<FileHandle>.Failed(error);
            }
        }
    }

    /// <summary>A name for the kernel: its bytes with a NUL at the end.</summary>
    public static byte[] ToBytes(string name)
    {
        byte[] bytes = new byte[NameBytes.Count(name) + 1];
        _ = NameBytes.Get(name, bytes);
        return bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FileStat From(in Tmds.Linux.stat native) => new(
        SizeBytes: native.st_size,
        AllocatedBytes: (long)native.st_blocks * 512, // stat(2): the unit is always 512 bytes
        Device: native.st_dev,
        Inode: native.st_ino,
        Links: native.st_nlink,
        Mode: (uint)native.st_mode,
        Uid: native.st_uid,
        Gid: native.st_gid,
        ModifiedAt: new Timestamp(native.st_mtim.tv_sec, native.st_mtim.tv_nsec),
        ChangedAt: new Timestamp(native.st_ctim.tv_sec, native.st_ctim.tv_nsec));
}

/// <summary>Where a file was found.</summary>
/// <param name="Directory">The directory; its holder keeps it open.</param>
/// <param name="Name">The name in it.</param>
internal readonly record struct FoundName(FileHandle Directory, string Name);
