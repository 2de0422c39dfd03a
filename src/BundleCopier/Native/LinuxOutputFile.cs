using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A file of the bundle on the real kernel.</summary>
internal sealed class LinuxOutputFile(FileHandle handle, OutputIo io) : IOutputFile
{
    // The kernel reports a lost write once per descriptor, to the next sync_file_range(2), which may be for another
    // write. So keep the first error: Sync must fail.
    private int lostErrno;

    private static uint WriteAndWait =>
        (uint)(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);

    public OutputIo Io => io;

    /// <summary>The descriptor, for a queue of writes.</summary>
    public FileHandle Handle => handle;

    public IoResult Write(nint source, int length, long offset)
    {
        IoResult written = io == OutputIo.DontCache
            ? Calls.WriteDontCache(handle, source, length, offset)
            : Calls.Write(handle, source, length, offset);
        // RLIMIT_FSIZE cuts a write off within a block, and tells EFBIG only to the next one, which direct I/O cannot
        // make.
        if (written.IsOk && written.Value < Math.Min(length, Alignment.Bytes)
            && Calls.IsSizeLimit(offset + written.Value))
        {
            return IoResult.Failed(EFBIG);
        }

        if (io == OutputIo.Direct || !written.IsOk)
            return written;
        // Wait until the pages are on disk. So at most one write of each writer is dirty in the page cache.
        IoResult writtenBack = WriteBack(offset, written.Value);
        return writtenBack.IsOk ? written : writtenBack;
    }

    public IoResult Read(nint destination, int length, long offset)
    {
        IoResult read = Calls.Read(handle, destination, length, offset);
        if (io != OutputIo.Direct)
            Calls.DropCache(handle, offset, length);
        return read;
    }

    public IoResult Identify(out FileIdentity identity)
    {
        IoResult result = Calls.Status(handle, out FileStat status);
        identity = status.Identity;
        return result;
    }

    // Others compress (btrfs, ZFS, F2FS), or hear of it from a server.
    public bool Holds(long sizeBytes, long allocatedBytes) =>
        !Calls.Status(handle, out FileStat status).IsOk
        || (status.SizeBytes >= sizeBytes
            && (status.AllocatedBytes >= allocatedBytes
                || !Calls.FilesystemStatus(handle, out StatFs filesystem).IsOk
                || filesystem.Type is not (EXT4_SUPER_MAGIC or XFS_SUPER_MAGIC or TMPFS_MAGIC)));

    public IoResult SetLength(long sizeBytes)
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = ftruncate(loan.Fd, sizeBytes);
            int error = errno;
            if (result == 0)
                return IoResult.Done;
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }

    public IoResult Reserve(long offset, long length) => Allocate(FALLOC_FL_KEEP_SIZE, offset, length);

    public IoResult PunchHole(long offset, long length) =>
        Allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);

    public IoResult WriteBack(long offset, long length)
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = sync_file_range(loan.Fd, offset, length, WriteAndWait);
            int error = errno;
            if (result == 0)
                break;
            if (error == EINTR)
                continue;
            Interlocked.CompareExchange(ref lostErrno, error, 0);
            return IoResult.Failed(error);
        }

        Calls.DropCache(handle, offset, length);
        return IoResult.Done;
    }

    public IoResult Sync()
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = fsync(loan.Fd);
            int error = errno;
            int lost = Volatile.Read(ref lostErrno);
            if (result == 0)
                return lost == 0 ? IoResult.Done : IoResult.Failed(lost);
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }

    public IoResult SetOwner(uint? uid, uint gid)
    {
        const uint Unchanged = uint.MaxValue; // chown(2)
        using FileHandle.Loan loan = handle.Borrow();
        int result = fchown(loan.Fd, uid ?? Unchanged, gid);
        int error = errno;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    public IoResult SetMode(int mode)
    {
        using FileHandle.Loan loan = handle.Borrow();
        int result = fchmod(loan.Fd, (Tmds.Linux.mode_t)(uint)mode);
        int error = errno;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    public IoResult SetXattr(string name, ReadOnlySpan<byte> value) => Calls.SetXattr(handle, name, value);

    public IoResult SetModified(Timestamp time) => Calls.SetModified(handle, time);

    public long CachedBytes() => Calls.CachedBytes(handle);

    public void Dispose() => handle.Dispose();

    private IoResult Allocate(int mode, long offset, long length)
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = fallocate(loan.Fd, mode, offset, length);
            int error = errno;
            if (result == 0)
                return IoResult.Done;
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }
}
