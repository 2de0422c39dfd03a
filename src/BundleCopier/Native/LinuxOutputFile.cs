using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A file of the bundle on the real kernel.</summary>
internal sealed class LinuxOutputFile(FileHandle handle, OutputIo io) : IOutputFile
{
    // sync_file_range(2) takes a lost write's error away from whoever asks next, and that may be another writer than
    // the one whose write was lost. So the first one stays with the file, and its sync fails.
    private int lostErrno;

    public OutputIo Io => io;

    /// <summary>The descriptor, for who lends it to many calls at once.</summary>
    public FileHandle Handle => handle;

    public IoResult Write(nint source, int length, long offset)
    {
        if (io == OutputIo.Direct)
            return Calls.Write(handle, source, length, offset);

        IoResult written = io == OutputIo.DontCache
            ? Calls.WriteDontCache(handle, source, length, offset)
            : Calls.Write(handle, source, length, offset);
        if (!written.IsOk)
            return written;
        // What was written is dirty until somebody waits for it; waiting here bounds it to one write a writer.
        IoResult settled = Settle(offset, written.Value);
        return settled.IsOk ? written : settled;
    }

    public IoResult Read(nint destination, int length, long offset)
    {
        IoResult read = Calls.Read(handle, destination, length, offset);
        if (io != OutputIo.Direct)
            Calls.DropCache(handle, offset, length);
        return read;
    }

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

    public IoResult Settle(long offset, long length)
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = sync_file_range(
                loan.Fd, offset, length, (uint)(
                    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
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
