using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>
/// A file that is written, and read back where a checksum needs it. Owned by the output keeper, lent to writers while they
/// hold a segment of it; safe for concurrent writes to different ranges. Addresses, offsets and lengths are multiples of
/// <see cref="Alignment"/>.
/// </summary>
internal interface IOutputFile : IDisposable
{
    OutputIo Io { get; }

    /// <summary>Writes once, perhaps less than asked. EINTR is the caller's to retry.</summary>
    IoResult Write(nint source, int length, long offset);

    /// <summary>Reads once what was written, from the disk where the write path is direct.</summary>
    IoResult Read(nint destination, int length, long offset);

    IoResult SetLength(long sizeBytes);

    /// <summary>Reserves space without changing the length; EOPNOTSUPP where the filesystem cannot.</summary>
    IoResult Reserve(long offset, long length);

    /// <summary>Makes a range a hole again.</summary>
    IoResult PunchHole(long offset, long length);

    /// <summary>Starts writing back a range, waits for it and drops it from page cache (sync_file_range(2)).</summary>
    IoResult Settle(long offset, long length);

    /// <summary>fsync(2). Final when it fails: a second call would say 0 and mean nothing.</summary>
    IoResult Sync();

    /// <summary>How many bytes of the file are in page cache; -1 where the kernel does not tell.</summary>
    long CachedBytes();
}

/// <summary>A piece of memory to be written.</summary>
internal readonly record struct MemoryPiece(nint Address, int Length);
