using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A file that is written, and read back where a checksum needs it. The output keeper owns it; writers use it while
/// they hold a segment of it. Concurrent writes to different ranges are safe. Addresses, offsets and lengths are
/// multiples of <see cref="Alignment.Bytes"/>.
/// </summary>
internal interface IOutputFile : IDisposable
{
    OutputIo Io { get; }

    /// <summary>One write; it may write less. The caller retries after EINTR.</summary>
    IoResult Write(nint source, int length, long offset);

    /// <summary>One read of written data; from the disk where writes are direct. It may read less.</summary>
    IoResult Read(nint destination, int length, long offset);

    IoResult SetLength(long sizeBytes);

    /// <summary>Reserves space without changing the file's length. EOPNOTSUPP where the filesystem cannot.</summary>
    IoResult Reserve(long offset, long length);

    /// <summary>Turns a range into a hole.</summary>
    IoResult PunchHole(long offset, long length);

    /// <summary>Writes a range back, waits for that (sync_file_range(2)), and drops it from the page cache.</summary>
    IoResult WriteBack(long offset, long length);

    /// <summary>The file's identity and length.</summary>
    IoResult Identify(out FileIdentity identity);

    /// <summary>
    /// Whether it has at least a length, and at least so many bytes on its disk. The latter counts only where the
    /// filesystem counts them as they were written. True where the kernel does not tell.
    /// </summary>
    bool Holds(long sizeBytes, long allocatedBytes);

    /// <summary>fsync(2). A failure is final: a second call would return 0 although data is lost.</summary>
    IoResult Sync();

    /// <summary>Sets the owner (chown(2)).</summary>
    /// <param name="uid">The user; null leaves it as it is.</param>
    /// <param name="gid">The group.</param>
    IoResult SetOwner(uint? uid, uint gid) => IoResult.Failed(EOPNOTSUPP);

    /// <summary>Sets the permission bits.</summary>
    IoResult SetMode(int mode) => IoResult.Failed(EOPNOTSUPP);

    /// <summary>Sets an extended attribute.</summary>
    IoResult SetXattr(string name, ReadOnlySpan<byte> value) => IoResult.Failed(EOPNOTSUPP);

    /// <summary>Sets the time of the last change of the content; later writes change it again.</summary>
    IoResult SetModified(Timestamp time) => IoResult.Failed(EOPNOTSUPP);

    /// <summary>The number of bytes of the file in the page cache; -1 where the kernel does not tell.</summary>
    long CachedBytes();
}

/// <summary>A piece of memory that is written.</summary>
internal readonly record struct MemoryPiece(nint Address, int Length);
