using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A file descriptor. It is closed once, after the last system call on it has returned. The number is only used while
/// it is borrowed (<see cref="Borrow"/>), so the kernel cannot give it to another file during a call.
/// </summary>
internal sealed class FileHandle : SafeHandle
{
    public FileHandle(int fd)
        : base(-1, ownsHandle: true) => SetHandle(fd);

    public override bool IsInvalid => handle < 0;

    /// <summary>Keeps the descriptor open until the returned loan is disposed.</summary>
    public Loan Borrow() => new(this);

    /// <summary>Gives the descriptor to a caller, which closes it.</summary>
    public int TakeOver()
    {
        int fd = (int)handle;
        SetHandleAsInvalid();
        return fd;
    }

    // Not retried: on Linux the descriptor is closed even when close(2) says EINTR. A retry could close another file.
    protected override bool ReleaseHandle() => close((int)handle) == 0;

    public readonly ref struct Loan
    {
        private readonly FileHandle owner;

        public Loan(FileHandle owner)
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
