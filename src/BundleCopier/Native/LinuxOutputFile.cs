using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A file of the bundle on the real kernel.</summary>
internal sealed class LinuxOutputFile(FileHandle handle, OutputIo io) : IOutputFile
{
    public OutputIo Io => io;

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

    public IoResult WriteTogether(ReadOnlySpan<MemoryPiece> pieces, long offset) =>
        io == OutputIo.Direct ? Calls.WriteTogether(handle, pieces, offset) : IoResult.Ok(0);

    public IoResult Read(nint destination, int length, long offset) => Calls.Read(handle, destination, length, offset);

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

    public IoResult PunchHole(long offset, long length) => Allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);

    public IoResult Settle(long offset, long length)
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = sync_file_range(
                loan.Fd, offset, length, (uint)(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
            int error = errno;
            if (result == 0)
                break;
            if (error != EINTR)
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
            if (result == 0)
                return IoResult.Done;
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
