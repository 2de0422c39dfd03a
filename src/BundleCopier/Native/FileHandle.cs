using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A file descriptor that is closed once, after the last call on it returned. The numbers below are only handed to calls
/// made inside <see cref="Borrow"/>, so a descriptor cannot be closed, and its number given to another file, under a call.
/// </summary>
internal sealed class FileHandle : SafeHandle
{
    public FileHandle(int fd)
        : base(-1, ownsHandle: true) => SetHandle(fd);

    public override bool IsInvalid => handle < 0;

    /// <summary>Lends the descriptor's number until the loan is disposed.</summary>
    public Loan Borrow() => new(this);

    // close(2): after EINTR the descriptor is gone on Linux; a retry could close somebody else's.
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
