using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A regular file that is read: a source, or a file of a bundle that is verified. Concurrent reads are safe. Its one
/// owner disposes it after the last read. Offsets and lengths are in bytes.
/// </summary>
internal interface ISourceFile : IDisposable
{
    FileTraits Traits { get; }

    IoResult Status(out FileStat status);

    /// <summary>
    /// The status when the path was resolved, before the file was opened. Compare it with <see cref="Status"/> for
    /// changes.
    /// </summary>
    FileStat Found { get; }

    /// <summary>
    /// The offset of the first data at or after an offset; ENXIO when there is none. Reserved pages that were never
    /// written count as a hole.
    /// </summary>
    IoResult SeekData(long offset);

    /// <summary>
    /// The offset of the first hole at or after an offset; the end of the file counts as a hole. The time is
    /// proportional to the distance, because tmpfs looks at every page (17 ms per GiB, measured).
    /// </summary>
    IoResult SeekHole(long offset);

    /// <summary>
    /// True when every page of the range certainly exists, although some may be reserved and never written. False
    /// means unknown. The time is proportional to the range's length.
    /// </summary>
    bool IsPopulated(long offset, long length);

    /// <summary>
    /// One read; it may read less, and reads 0 bytes only at the end of the file. The caller retries after EINTR. A
    /// stream gives its next bytes, whatever the offset.
    /// </summary>
    IoResult Read(nint destination, int length, long offset);

    /// <summary>One read at the start of the file, again after EINTR. It may read less.</summary>
    IoResult ReadStart(nint destination, int length)
    {
        IoResult read;
        do
            read = Read(destination, length, 0);
        while (read.Error.IsInterrupted);
        return read;
    }

    /// <summary>
    /// For a stream (<see cref="FileTraits.IsStream"/>): waits until a read has an answer. 0 where none has after the
    /// time, 1 otherwise.
    /// </summary>
    IoResult AwaitData(int waitMs) => IoResult.Ok(1);

    /// <summary>
    /// Maps a page-aligned window that only the kernel may read. If the file was truncated meanwhile, a load by this
    /// process would kill it (SIGBUS), while a write(2) from the window only fails with EFAULT.
    /// </summary>
    IoResult<IMappedWindow> Map(long offset, int length);

    /// <summary>
    /// True when the kernel guarantees that no process has the file open for writing or mapped writable at this
    /// moment: only then it grants a read lease (fcntl(2), F_SETLEASE). The lease is given back at once, because it
    /// would delay the next process that opens the file for writing.
    /// </summary>
    bool IsQuiet();

    /// <summary>
    /// As <see cref="IsQuiet"/>, for a file that is closed right afterwards: closing it gives the lease back, which
    /// saves a call.
    /// </summary>
    bool IsQuietUntilClosed() => IsQuiet();

    /// <summary>The names of the extended attributes. E2BIG when they are longer than the kernel lists.</summary>
    IoResult<string[]> XattrNames();

    /// <summary>The value of an extended attribute. ERANGE when it is longer than wanted.</summary>
    IoResult<byte[]> ReadXattr(string name, int maxBytes);

    /// <summary>The number of bytes of the file in the page cache; -1 where the kernel does not tell.</summary>
    long CachedBytes();

    /// <summary>Asks the kernel to drop a range of the file from the page cache.</summary>
    void DropCache(long offset, long length);
}

/// <summary>Properties that do not change while the file is open.</summary>
/// <param name="IsShared">The file is in memory (tmpfs): mapping it does not grow the page cache.</param>
/// <param name="IsHugePageBacked">The file has huge pages, so that a mapping is written in large pieces.</param>
/// <param name="IsDirect">
/// The file is read with direct I/O, so reads must be aligned to <see cref="Alignment.Bytes"/>.
/// </param>
/// <param name="IsStream">It is read once and in order, and has no size: a pipe, a socket, a terminal.</param>
internal readonly record struct FileTraits(
    bool IsShared, bool IsHugePageBacked, bool IsDirect, bool IsStream = false);

/// <summary>The result of stat(2).</summary>
internal readonly record struct FileStat(
    long SizeBytes,
    long AllocatedBytes,
    ulong Device,
    ulong Inode,
    ulong Links,
    uint Mode,
    uint Uid,
    uint Gid,
    Timestamp ModifiedAt,
    Timestamp ChangedAt)
{
    /// <summary>
    /// The user whose FUSE server answers for the file, and can claim any owner and mode; <see
    /// cref="FuseOwner.Unknown"/> where it cannot be known. Null where the kernel, root or this user answers. Only a
    /// path walk looks for it.
    /// </summary>
    public uint? Server { get; init; }

    public FileIdentity Identity => new(Device, Inode, Links, SizeBytes);

    /// <summary>A regular file.</summary>
    public bool IsFile => Type == (uint)S_IFREG;

    public bool IsDirectory => Type == (uint)S_IFDIR;

    /// <summary>A symbolic link.</summary>
    public bool IsLink => Type == (uint)S_IFLNK;

    /// <summary>See <see cref="DirectoryTrust.WritableByOthers"/>.</summary>
    public bool IsWritableByOthers => (Mode & DirectoryTrust.WritableByOthers) != 0;

    /// <summary>
    /// The most data that some ranges of the file have, in bytes: which ranges its data is in shows only when it is
    /// read.
    /// </summary>
    public long DataBytesIn(RangeSet ranges) => Math.Min(AllocatedBytes, ranges.TotalBytes);

    private uint Type => Mode & (uint)S_IFMT;
}

/// <summary>What identifies a file, and what changes when another process touches its name or its length.</summary>
/// <param name="Device">The filesystem.</param>
/// <param name="Inode">The file in the filesystem.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="SizeBytes">Its length.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, ulong Links, long SizeBytes)
{
    public bool IsSameFile(FileIdentity other) => (Device, Inode) == (other.Device, other.Inode);
}

/// <summary>A kernel timestamp: seconds since 1970 and nanoseconds.</summary>
internal readonly record struct Timestamp(long Seconds, long Nanoseconds)
{
    // The years 1 to 9999. The kernel allows any 64 bits, and the owner of a file may set them.
    private const long MinSeconds = -62_135_596_800;
    private const long MaxSeconds = 253_402_300_799;

    /// <summary>The time as a date; the first or last possible date for times out of range.</summary>
    public DateTimeOffset ToUtc() =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Seconds, MinSeconds, MaxSeconds)).AddTicks(Nanoseconds / 100);
}

/// <summary>A mapped window of a source that only the kernel may read. Disposing unmaps it.</summary>
internal interface IMappedWindow : IDisposable
{
    nint Address { get; }

    int Length { get; }

    /// <summary>
    /// False when the kernel does not tell which pages were written; <see cref="IsWritten"/> is then always false.
    /// </summary>
    bool TellsWritten { get; }

    /// <summary>
    /// True when the kernel guarantees that every page of the window was written: no page is a hole or only reserved.
    /// False also when it does not tell.
    /// </summary>
    bool IsWritten();
}
