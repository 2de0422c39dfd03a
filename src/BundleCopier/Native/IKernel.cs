namespace BundleCopier.Native;

/// <summary>
/// The one seam between the engine and the operating system. <see cref="LinuxKernel"/> is the real one; tests run the
/// whole engine over a simulated one. Nothing here throws for an error of the world: results carry the errno.
/// Every call may block, so only actors on the io-dispatcher and plain synchronous code use it.
/// </summary>
internal interface IKernel
{
    /// <summary>
    /// Opens a regular file for reading, without ever opening a FIFO or a device and without following a symbolic link
    /// below a world-writable directory (ELOOP then). What is no regular file gives <see
    /// cref="KernelErrors.NotRegular"/>.
    /// </summary>
    IoResult<ISourceFile> OpenSource(string path);

    /// <summary>Lets go of what was kept to open the next source faster.</summary>
    void Rest();

    /// <summary>
    /// The names in a directory, in no order, without <c>.</c> and <c>..</c>; the same rule for links.
    /// </summary>
    IoResult<IReadOnlyList<string>> ListNames(string directoryPath);

    /// <summary>
    /// ENOENT when the path leads to nothing, ENOTDIR when what it leads through is no directory; the same rule for
    /// links.
    /// </summary>
    IoResult Probe(string path);

    /// <summary>Opens a directory that exists; the same rule for links.</summary>
    IoResult<IDirectory> OpenDirectory(string path);

    /// <summary>
    /// Keeps the memory that this process has by now from being taken away, and brings in what a copy needs of it:
    /// the slabs, and all of the files that code is run from.
    /// </summary>
    IoResult LockMemory(ISlabMemory slabs);

    /// <summary>What the calling thread asks of processor and disk.</summary>
    IoResult ReadThreadClass(out ThreadClass found);

    /// <summary>
    /// Changes that, for the calling thread alone, as far as the kernel allows; the result is the first refusal.
    /// Asking for less is always allowed, asking for more again needs CAP_SYS_NICE or RLIMIT_NICE, also the way out
    /// of SCHED_IDLE (sched(7)).
    /// </summary>
    IoResult SetThreadClass(ThreadClass wish);

    /// <summary>
    /// Tells from now on what the calling thread gets of the processors; null where the kernel does not.
    /// </summary>
    IThreadClock? OpenThreadClock();

    /// <summary>
    /// Whether a thread may leave SCHED_IDLE again: CAP_SYS_NICE, or an RLIMIT_NICE that lets it have its nice value
    /// (sched(7)).
    /// </summary>
    bool MayRaiseThreads { get; }

    /// <summary>
    /// Moves this process forward in the order in which the kernel ends processes where memory has run out
    /// (proc_pid_oom_score_adj(5)), and never back. The kernel lets everybody do that.
    /// </summary>
    IoResult RaiseOomScore(int adjustment);

    /// <summary>
    /// Direct writes need not be waited for: <see cref="OpenWriteQueue"/> gives a queue, unless something has run out.
    /// </summary>
    bool OverlapsWrites { get; }

    /// <summary>A queue of writes that are not waited for; null where there is none.</summary>
    /// <param name="depth">How many writes it holds.</param>
    /// <param name="signal">Given whenever a write has ended; null for no signal.</param>
    IWriteQueue? OpenWriteQueue(int depth, ThreadSignal? signal);

    /// <summary>Descriptors that this process may have.</summary>
    int DescriptorLimit { get; }

    /// <summary>
    /// Times that a thread of this process had to wait until a page was read from a disk (getrusage(2)).
    /// </summary>
    long MajorFaults();

    /// <summary>
    /// The most memory that was resident in this process so far, in bytes; 0 where the kernel does not tell.
    /// </summary>
    long PeakRssBytes();

    /// <summary>
    /// What this process's page tables take by now, in bytes (VmPTE); 0 where the kernel does not tell.
    /// </summary>
    long PageTableBytes();

    /// <summary>How the whole machine is doing. Cheap enough for every 100 ms, and takes no memory.</summary>
    HostReading ReadHost();

    /// <summary>
    /// Starts a program that does nothing (<c>/bin/true</c>) and waits until it has ended: what every start of a
    /// program costs at the least. Waits for that child alone, so a host's other children are not touched.
    /// </summary>
    IoResult SpawnAndReap();

    DateTimeOffset UtcNow { get; }

    /// <summary>A clock that only goes forward, in milliseconds.</summary>
    long MonotonicMs { get; }

    /// <summary>The same clock in microseconds, for measuring how long something took.</summary>
    long MonotonicUs { get; }
}

/// <summary>
/// A kernel that also gives memory. Only who plans memory is given it: the engine before a copy starts, and what reads
/// bundles back. Who works on a copy is given an <see cref="IKernel"/> and can take none.
/// </summary>
internal interface IMemoryKernel : IKernel
{
    /// <summary>Anonymous zeroed memory, huge-page aligned, huge-page backed where the kernel can.</summary>
    IoResult<ISlabMemory> AllocateSlabs(long sizeBytes);
}

/// <summary>Memory for slabs; gone when disposed, so nobody may still use it then.</summary>
internal interface ISlabMemory : IDisposable
{
    nint Address { get; }

    long SizeBytes { get; }
}

/// <summary>Error numbers that the seam adds to the kernel's, above every errno there is.</summary>
internal static class KernelErrors
{
    /// <summary>The path names something that is no regular file.</summary>
    public const int NotRegular = 100_001;
}
