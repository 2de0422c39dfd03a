using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A pipe, a stream socket or another descriptor without a size, which is read in order.</summary>
internal sealed unsafe class LinuxStreamFile : ISourceFile
{
    // As much as a user without privileges may ask for (pipe(7), /proc/sys/fs/pipe-max-size). The writer and the reader
    // then wake each other once for 1 MiB, and not for 64 KiB.
    private const int PipeBytes = 1 << 20;

    // The kernel writes a core page by page, and each page would wake a reader that waits for it. A reader that has
    // found little pauses instead; the pipe takes much more than comes in this time.
    private const int LittleBytes = 128 << 10;
    private const int PauseMs = 1;

    private readonly SafeFileHandle descriptor;
    private readonly bool isWide;
    private bool foundLittle;

    private LinuxStreamFile(SafeFileHandle descriptor, in FileStat found, bool isWide)
    {
        this.descriptor = descriptor;
        this.isWide = isWide;
        Found = found;
    }

    // Nothing that is accepted can hang: a read follows only when poll(2) says that it will not wait.
    public FileTraits Traits { get; } = new(IsShared: true, IsHugePageBacked: false, IsDirect: false, IsStream: true);

    public FileStat Found { get; }

    /// <summary>Takes the descriptor over. It is closed where it is refused.</summary>
    public static IoResult<ISourceFile> Take(SafeFileHandle descriptor)
    {
        IoResult<ISourceFile> taken = descriptor.IsInvalid || descriptor.IsClosed
            ? IoResult<ISourceFile>.Failed(EBADF)
            : Open(descriptor);
        if (!taken.Try(out _, out _))
            descriptor.Dispose();
        return taken;
    }

    public IoResult Status(out FileStat status) => StatusOf(descriptor, out status);

    public IoResult AwaitData(int waitMs)
    {
        if (isWide && foundLittle && waitMs > 0)
            _ = poll(null, 0, PauseMs);
        using Loan loan = new(descriptor);
        LibcExtra.PollEntry waiting = new() { Fd = loan.Fd, Wanted = LibcExtra.PollEntry.Readable };
        int ready = LibcExtra.PollFor(&waiting, 1, waitMs);
        int error = Marshal.GetLastPInvokeError();
        // After a hang-up or an error, the read tells what it is.
        return ready >= 0 ? IoResult.Ok(ready) : error == EINTR ? IoResult.Ok(0) : IoResult.Failed(error);
    }

    public IoResult Read(nint destination, int length, long offset)
    {
        using Loan loan = new(descriptor);
        long count = read(loan.Fd, (void*)destination, length);
        int error = errno;
        foundLittle = count < Math.Min(length, LittleBytes);
        return count < 0 ? IoResult.Failed(error) : IoResult.Ok(count);
    }

    public void Dispose() => descriptor.Dispose();

    // A stream has no offsets, no holes, no pages and no attributes.
    public IoResult SeekData(long offset) => IoResult.Failed(ESPIPE);

    public IoResult SeekHole(long offset) => IoResult.Failed(ESPIPE);

    public bool IsPopulated(long offset, long length) => false;

    public IoResult<IMappedWindow> Map(long offset, int length) => IoResult<IMappedWindow>.Failed(ENODEV);

    public bool IsQuiet() => false;

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => IoResult<byte[]>.Failed(ENODATA);

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length)
    {
    }

    private static IoResult<ISourceFile> Open(SafeFileHandle descriptor)
    {
        IoResult looked = StatusOf(descriptor, out FileStat status);
        if (!looked.IsOk)
            return IoResult<ISourceFile>.Failed(looked.Error);
        uint kind = status.Mode & (uint)S_IFMT;
        bool isPipe = kind == (uint)S_IFIFO;
        bool isFile = kind == (uint)S_IFREG && IsOfKernel(descriptor);
        if (!isPipe && !isFile && kind != (uint)S_IFSOCK && kind != (uint)S_IFCHR)
            return IoResult<ISourceFile>.Failed(KernelErrors.NotRegular);
        return IoResult<ISourceFile>.Ok(new LinuxStreamFile(descriptor, status, isPipe && TryWiden(descriptor)));
    }

    // Files that the kernel makes up (/proc) and files in memory always answer.
    private static bool IsOfKernel(SafeFileHandle descriptor)
    {
        using Loan loan = new(descriptor);
        StatFs filesystem;
        return fstatfs(loan.Fd, &filesystem) == 0
            && (KernelFilesystem.NameOf(filesystem.Type) is not null
                || filesystem.Type is TMPFS_MAGIC or RAMFS_MAGIC);
    }

    private static bool TryWiden(SafeFileHandle descriptor)
    {
        using Loan loan = new(descriptor);
        return fcntl(loan.Fd, F_SETPIPE_SZ, PipeBytes) >= PipeBytes;
    }

    private static IoResult StatusOf(SafeFileHandle descriptor, out FileStat status)
    {
        using Loan loan = new(descriptor);
        return Calls.StatusOf(loan.Fd, out status);
    }

    /// <summary>Keeps the descriptor open during a call.</summary>
    private readonly ref struct Loan
    {
        private readonly SafeFileHandle owner;

        public Loan(SafeFileHandle owner)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            this.owner = owner;
            Fd = (int)owner.DangerousGetHandle();
        }

        public int Fd { get; }

        public void Dispose() => owner.DangerousRelease();
    }
}
