using System.Runtime.InteropServices;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A regular file of the real kernel, opened for reading.</summary>
internal sealed unsafe class LinuxSourceFile : ISourceFile
{
    // On a tmpfs with huge pages, st_blksize is their size (mm/shmem.c, shmem_getattr).
    private const long HugePageBytes = 2 << 20;

    private readonly FileHandle handle;
    private readonly bool setsSignal;
    private readonly bool countsWriters;
    private bool? tellsWritten;

    private LinuxSourceFile(
        FileHandle handle, FileTraits traits, in FileStat found, bool setsSignal, bool countsWriters)
    {
        this.handle = handle;
        this.setsSignal = setsSignal;
        this.countsWriters = countsWriters;
        Traits = traits;
        Found = found;
    }

    public FileTraits Traits { get; }

    public FileStat Found { get; }

    /// <summary>
    /// Opens a regular file of a directory in memory (tmpfs) with two calls less than <see cref="Open"/>, which matters
    /// for 100,000 small files. A FIFO that takes the file's place between the two calls is opened, and closed at once.
    /// </summary>
    /// <returns>Null where the directory is not in memory or the name is no regular file.</returns>
    public static ISourceFile? OpenInMemory(PathWalk.Place parent, string name, bool setsSignal)
    {
        if (parent.FilesystemType != TMPFS_MAGIC
            || !Calls.StatusAt(parent.Handle, name, out FileStat named).IsOk
            || !named.IsFile
            || named.Device != parent.Status.Device)
        {
            return null;
        }

        FileHandle? handle;
        using (FileHandle.Loan loan = parent.Handle.Borrow())
        {
            if (!Calls.OpenAt(loan.Fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).Try(out handle, out _))
                return null;
        }

        if (Calls.Status(handle, out FileStat status).IsOk && status.Identity.IsSameFile(named.Identity))
            return InMemory(handle, status, setsSignal, !UncountedMemory.Has(TMPFS_MAGIC, status));
        handle.Dispose();
        return null;
    }

    private static LinuxSourceFile InMemory(FileHandle handle, in FileStat status, bool setsSignal, bool countsWriters)
    {
        bool isHuge = status.SizeBytes >= HugePageBytes && PreferredBlockBytes(handle) >= HugePageBytes;
        FileTraits traits = new(IsShared: true, isHuge, IsDirect: false);
        return new LinuxSourceFile(handle, traits, status, setsSignal, countsWriters);
    }

    /// <summary>Opens what a path walk has found, if it is a regular file.</summary>
    /// <param name="place">The result of the walk.</param>
    /// <param name="parent">The directory in which it was found; null when it is not known.</param>
    /// <param name="setsSignal">True when SIGIO would end this process; see <see cref="LeaseSignal"/>.</param>
    /// <param name="name">Where it was found, so that it needs no /proc; null when that is not known.</param>
    public static IoResult<ISourceFile> Open(
        PathWalk.Place place, PathWalk.Place? parent = null, bool setsSignal = true, FoundName? name = null)
    {
        if (!place.Status.IsFile)
            return IoResult<ISourceFile>.Failed(KernelErrors.NotRegular);

        long? known = parent?.Status.Device == place.Status.Device ? parent.FilesystemType : null;
        if (known is not { } filesystemType)
        {
            IoResult filesystem = Calls.FilesystemStatus(place.Handle, out StatFs status);
            if (!filesystem.IsOk)
                return IoResult<ISourceFile>.Failed(filesystem.Error);
            filesystemType = status.Type;
        }

        // The size of a file that the kernel makes up says nothing: 0 in /proc, 4096 in /sys, whatever it contains.
        if (KernelFilesystem.NameOf(filesystemType) is not null)
            return IoResult<ISourceFile>.Failed(KernelErrors.NotRegular);
        bool isShared = filesystemType is TMPFS_MAGIC or RAMFS_MAGIC;
        bool countsWriters = !UncountedMemory.Has(filesystemType, place.Status);

        // O_NONBLOCK: with another process's write lease on the file (fcntl(2)), the open fails instead of waiting 45
        // s. O_DIRECT: reading a file from a disk must not fill the page cache.
        FileHandle? handle;
        // An empty file needs no O_DIRECT, and with it the probe below could not be made.
        if (!isShared && place.Status.SizeBytes > 0
            && Calls.ReopenSource(place.Handle, O_RDONLY | O_DIRECT, name).Try(out handle, out _))
        {
            if (Calls.DirectAlignment(handle) is 0 or <= Alignment.Bytes)
            {
                FileTraits direct = new(IsShared: false, IsHugePageBacked: false, IsDirect: true);
                return IoResult<ISourceFile>.Ok(new LinuxSourceFile(
                    handle, direct, place.Status, setsSignal, countsWriters));
            }

            handle.Dispose();
        }

        if (!Calls.ReopenSource(place.Handle, O_RDONLY, name).Try(out handle, out Errno error))
            return IoResult<ISourceFile>.Failed(error);
        // A FUSE server can make up files, too. Copied by their size of 0, they would be empty, and the copy would be
        // called complete.
        byte probe;
        if (!isShared && place.Status.SizeBytes == 0
            && Calls.Read(handle, (nint)(&probe), 1, 0) is { Value: > 0 } or { IsOk: false })
        {
            handle.Dispose();
            return IoResult<ISourceFile>.Failed(KernelErrors.NotRegular);
        }

        return IoResult<ISourceFile>.Ok(isShared
            ? InMemory(handle, place.Status, setsSignal, countsWriters)
            : new LinuxSourceFile(handle, default, place.Status, setsSignal, countsWriters));
    }

    public IoResult Status(out FileStat status) => Calls.Status(handle, out status);

    public IoResult SeekData(long offset) => Calls.Seek(handle, offset, SEEK_DATA);

    public IoResult SeekHole(long offset) => Calls.Seek(handle, offset, SEEK_HOLE);

    public bool IsPopulated(long offset, long length) =>
        Traits.IsShared && Calls.CachedBytes(handle, offset, length) >= length;

    public IoResult Read(nint destination, int length, long offset)
    {
        IoResult read = Calls.Read(handle, destination, length, offset);
        if (!Traits.IsShared && !Traits.IsDirect)
            Calls.DropCache(handle, offset, length);
        return read;
    }

    public IoResult<IMappedWindow> Map(long offset, int length)
    {
        using FileHandle.Loan loan = handle.Borrow();
        void* start = mmap(null, length, PROT_READ, MAP_SHARED, loan.Fd, offset);
        int error = errno;
        if (start == MAP_FAILED)
            return IoResult<IMappedWindow>.Failed(error);
        // A core dump would have the window of a file without a name: such a mapping counts as anonymous (core(5)).
        _ = madvise(start, length, MADV_DONTDUMP);
        return IoResult<IMappedWindow>.Ok(new MappedWindow(start, length, TellsWritten(loan.Fd)));
    }

    public bool IsQuiet()
    {
        using FileHandle.Loan loan = handle.Borrow();
        if (!TakeLease(loan.Fd))
            return false;
        _ = fcntl(loan.Fd, F_SETLEASE, F_UNLCK);
        return true;
    }

    public bool IsQuietUntilClosed()
    {
        using FileHandle.Loan loan = handle.Borrow();
        return TakeLease(loan.Fd);
    }

    public IoResult<string[]> XattrNames()
    {
        const int MaxListBytes = 64 * 1024; // xattr(7), XATTR_LIST_MAX
        using FileHandle.Loan loan = handle.Borrow();
        nint length = flistxattr(loan.Fd, null, 0);
        if (length > MaxListBytes)
            return IoResult<string[]>.Failed(E2BIG);
        byte[] list = length <= 0 ? [] : new byte[length];
        fixed (byte* start = list)
            length = length <= 0 ? length : flistxattr(loan.Fd, start, (nuint)list.Length);
        return length < 0
            ? IoResult<string[]>.Failed(errno)
            : IoResult<string[]>.Ok(
                NameBytes.ToText(list.AsSpan(0, (int)length)).Split('\0', StringSplitOptions.RemoveEmptyEntries));
    }

    public IoResult<byte[]> ReadXattr(string name, int maxBytes)
    {
        using FileHandle.Loan loan = handle.Borrow();
        byte[] value = [];
        fixed (byte* nameStart = Calls.ToBytes(name))
        {
            nint length = fgetxattr(loan.Fd, nameStart, null, 0);
            if (length > maxBytes)
                return IoResult<byte[]>.Failed(ERANGE);
            if (length > 0)
            {
                value = new byte[length];
                fixed (byte* start = value)
                    length = fgetxattr(loan.Fd, nameStart, start, (nuint)value.Length);
            }

            if (length < 0)
                return IoResult<byte[]>.Failed(errno);
            return IoResult<byte[]>.Ok(length == value.Length ? value : value[..(int)length]);
        }
    }

    public long CachedBytes() => Traits.IsShared ? 0 : Calls.CachedBytes(handle);

    public void DropCache(long offset, long length) => Calls.DropCache(handle, offset, length);

    public void Dispose() => handle.Dispose();

    // The signal is set for each lease, because giving a lease back resets it to SIGIO (lease_modify in fs/locks.c).
    private bool TakeLease(int descriptor) =>
        countsWriters && (!setsSignal || LeaseSignal.Set(descriptor)) && fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0;

    // Without permission to write to the file, mincore(2) says that every page is resident (mm/mincore.c,
    // can_do_mincore).
    private bool TellsWritten(int descriptor)
    {
        byte nothing = 0;
        return tellsWritten ??= faccessat(descriptor, &nothing, W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
    }

    private static long PreferredBlockBytes(FileHandle handle)
    {
        using FileHandle.Loan loan = handle.Borrow();
        Tmds.Linux.stat native;
        return fstat(loan.Fd, &native) == 0 ? (long)native.st_blksize : 0;
    }

    private sealed class MappedWindow(void* start, int length, bool tellsWritten)
        : SafeHandle((nint)start, true), IMappedWindow
    {
        public override bool IsInvalid => handle == -1;

        public nint Address => handle;

        public int Length => length;

        public bool TellsWritten => tellsWritten;

        public bool IsWritten()
        {
            // In tmpfs, mincore(2) reports the pages that were written (folio_test_uptodate in mm/mincore.c).
            int pages = (length + Environment.SystemPageSize - 1) / Environment.SystemPageSize;
            Span<byte> found = stackalloc byte[pages];
            fixed (byte* first = found)
            {
                if (!tellsWritten || mincore((void*)handle, length, first) != 0)
                    return false;
            }

            foreach (byte page in found)
            {
                if ((page & 1) == 0)
                    return false;
            }

            return true;
        }

        protected override bool ReleaseHandle() => munmap((void*)handle, length) == 0;
    }
}
