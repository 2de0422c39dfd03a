using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>
/// A regular file that is read: a source, or a file of a bundle that is verified. Safe for concurrent reads; disposed by
/// its one owner after the last of them. Offsets and lengths are in bytes.
/// </summary>
internal interface ISourceFile : IDisposable
{
    FileTraits Traits { get; }

    IoResult Status(out FileStat status);

    /// <summary>What it was when it was found, before it was opened: whatever changes after that shows in <see cref="Status"/>.</summary>
    FileStat Found { get; }

    /// <summary>The first data at or after an offset; ENXIO when there is none. Unwritten pages count as a hole.</summary>
    IoResult SeekData(long offset);

    /// <summary>
    /// The first hole at or after an offset; the end of the file counts as one. Takes time in proportion to the distance:
    /// tmpfs looks at every page on the way (17 ms a GiB measured).
    /// </summary>
    IoResult SeekHole(long offset);

    /// <summary>
    /// True when every page of a range is known to be there, though some may never have been written. Takes time in
    /// proportion to the range alone. False says nothing.
    /// </summary>
    bool IsPopulated(long offset, long length);

    /// <summary>Reads once, perhaps less than asked; 0 only at the end of the file. EINTR is the caller's to retry.</summary>
    IoResult Read(nint destination, int length, long offset);

    /// <summary>
    /// Maps a page-aligned window for the kernel alone to read: a load by this process from a page that a truncation took
    /// away would kill it (SIGBUS), while a write from it only fails with EFAULT.
    /// </summary>
    IoResult<IMappedWindow> Map(long offset, int length);

    /// <summary>
    /// True when the kernel vouches that, at this moment, nobody has the file open for writing or mapped writable
    /// (fcntl(2), F_SETLEASE: a read lease is only granted then). Taken and given back at once: a lease that is kept
    /// would hold up whoever opens the file next.
    /// </summary>
    bool IsQuiet();

    /// <summary>
    /// As <see cref="IsQuiet"/>, for a file that is closed right afterwards: closing it gives the lease back, which saves a call.
    /// </summary>
    bool IsQuietUntilClosed() => IsQuiet();

    /// <summary>Extended attributes, by name; null where there are none or they cannot be read.</summary>
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? ExtendedAttributes();

    /// <summary>How many bytes of the file are in page cache; -1 where the kernel does not tell.</summary>
    long CachedBytes();

    /// <summary>Asks the kernel to drop a range of the file from page cache.</summary>
    void DropCache(long offset, long length);
}

/// <summary>What does not change while a file is open.</summary>
/// <param name="IsShared">The file lives in memory (tmpfs): mapping it costs no page cache.</param>
/// <param name="IsHugePageBacked">Its pages are huge, so a mapping goes out in large pieces.</param>
/// <param name="IsDirect">It is read around the page cache, so reads must be aligned to <see cref="Alignment"/>.</param>
internal readonly record struct FileTraits(bool IsShared, bool IsHugePageBacked, bool IsDirect);

/// <summary>What stat(2) says of a file at one moment.</summary>
internal readonly record struct FileStat(
    long SizeBytes,
    long AllocatedBytes,
    ulong Device,
    ulong Inode,
    uint Mode,
    uint Uid,
    uint Gid,
    Timestamp ModifiedAt,
    Timestamp ChangedAt);

/// <summary>A kernel timestamp: seconds since 1970 and nanoseconds.</summary>
internal readonly record struct Timestamp(long Seconds, long Nanoseconds)
{
    // The years 1 to 9999; the kernel takes any 64 bits, and whoever owns a file may set them.
    private const long MinSeconds = -62_135_596_800;
    private const long MaxSeconds = 253_402_300_799;

    /// <summary>The time, or the nearest that a date can tell.</summary>
    public DateTimeOffset ToUtc() =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Seconds, MinSeconds, MaxSeconds)).AddTicks(Nanoseconds / 100);
}

/// <summary>A window of a source that only the kernel may touch; unmapped when disposed.</summary>
internal interface IMappedWindow : IDisposable
{
    nint Address { get; }

    int Length { get; }

    /// <summary><see cref="IsWritten"/> means something.</summary>
    bool TellsWritten { get; }

    /// <summary>
    /// True when the kernel vouches that every page of it has been written: none of them is a hole, nor only reserved. It may not tell.
    /// </summary>
    bool IsWritten();
}
