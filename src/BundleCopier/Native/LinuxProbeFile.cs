using System.Runtime.CompilerServices;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A file without a name on the real kernel. It never has more than one block of 4 KiB.</summary>
internal sealed unsafe class LinuxProbeFile(FileHandle handle) : IProbeFile
{
    private const int BlockBytes = 4096;

    [SkipLocalsInit]
    public IoResult WriteAndSync()
    {
        byte* block = stackalloc byte[BlockBytes];
        // Not zeros: a filesystem may skip writing zeros.
        new Span<byte>(block, BlockBytes).Fill(0xB5);
        IoResult written = Calls.Write(handle, (nint)block, BlockBytes, 0);
        return written.IsOk ? Sync() : written;
    }

    public void Dispose() => handle.Dispose();

    private IoResult Sync()
    {
        using FileHandle.Loan loan = handle.Borrow();
        while (true)
        {
            int result = fdatasync(loan.Fd);
            int error = errno;
            if (result == 0)
                return IoResult.Done;
            if (error != EINTR)
                return IoResult.Failed(error);
        }
    }
}
