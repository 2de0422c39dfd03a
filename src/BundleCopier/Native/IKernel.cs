using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Native;

/// <summary>
/// The seam between the engine and the operating system. <see cref="LinuxKernel"/> is the real system; tests run the
/// whole engine over a simulated one. An error of a system call is in the result, and is never thrown. Every call may
/// block, so only actors on the io-dispatcher and synchronous code use it.
/// </summary>
internal interface IKernel
{
    /// <summary>
    /// Opens a regular file for reading. It never opens a FIFO or a device (<see cref="KernelErrors.NotRegular"/>), and
    /// never follows a symbolic link below a directory that other users can change (ELOOP).
    /// </summary>
    IoResult<ISourceFile> OpenSource(string path);

    /// <summary>
    /// Takes an open descriptor as a source that is read in order. A file of a disk or of a server is refused
    /// (<see cref="KernelErrors.NotRegular"/>), because a read of it may hang. The source closes the descriptor.
    /// </summary>
    IoResult<ISourceFile> OpenStream(SafeFileHandle descriptor);

    /// <summary>Holds a process. ESRCH where there is none of this number, or it has ended.</summary>
    IoResult<IProcess> OpenProcess(int pid);

    /// <summary>
    /// Opens a System V segment by its id. EINVAL where there is none; EACCES where its owner does not allow it; EPERM
    /// without CAP_CHECKPOINT_RESTORE.
    /// </summary>
    IoResult<ISourceFile> OpenSysV(int id);

    /// <summary>Reads a file of procfs piece by piece, up to its end.</summary>
    IoResult ReadText(string path, TextSink take);

    /// <summary>The end of the kernel's log (syslog(2)), at most so many bytes. EPERM without CAP_SYSLOG.</summary>
    IoResult<byte[]> ReadKernelLog(int maxBytes);

    /// <summary>Does something beside the calling thread, in a thread of its own where the system has some.</summary>
    void DoAside(Action work) => work();

    /// <summary>Closes what was kept open to open the next source faster.</summary>
    void Rest();

    /// <summary>
    /// Gives the names in a directory, in any order, without <c>.</c> and <c>..</c>. Links as in
    /// <see cref="OpenSource"/>. Another user can fill a directory with names, so they are not collected here.
    /// </summary>
    /// <param name="directoryPath">The directory.</param>
    /// <param name="take">Gets each name; false ends the listing.</param>
    IoResult ListNames(string directoryPath, Func<string, bool> take);

    /// <summary>
    /// The status of a name, which is not opened; of a symbolic link, its own. Links above it as in
    /// <see cref="OpenSource"/>.
    /// </summary>
    IoResult Look(string path, out FileStat status);

    /// <summary>The user that this process acts for (geteuid(2)).</summary>
    uint UserId { get; }

    /// <summary>
    /// The number of a user in /etc/passwd; ENOENT where that does not name the user. No name service is asked: after a
    /// crash, its server may not answer.
    /// </summary>
    IoResult FindUser(string name);

    /// <summary>
    /// Succeeds when the path exists. ENOENT when it does not, ENOTDIR when a part of it is not a directory. Links as
    /// in <see cref="OpenSource"/>.
    /// </summary>
    IoResult Probe(string path);

    /// <summary>Opens a directory. Links as in <see cref="OpenSource"/>.</summary>
    IoResult<IDirectory> OpenDirectory(string path);

    /// <summary>
    /// Locks the memory that this process has now, and loads the part that a copy needs: the slabs, and all files that
    /// contain code.
    /// </summary>
    IoResult LockMemory(ISlabMemory slabs);

    /// <summary>Reads the calling thread's scheduling policy, nice value and I/O priority.</summary>
    IoResult ReadThreadClass(out ThreadClass found);

    /// <summary>
    /// Sets them for the calling thread, as far as the kernel allows; the result is the first error. A lower priority
    /// is always allowed. A higher one needs CAP_SYS_NICE or RLIMIT_NICE, also to leave SCHED_IDLE (sched(7)).
    /// </summary>
    IoResult SetThreadClass(ThreadClass wish);

    /// <summary>
    /// Makes a write of the calling thread beyond RLIMIT_FSIZE fail with EFBIG, and not end the process.
    /// </summary>
    IoResult BlockSizeLimitSignal();

    /// <summary>
    /// Opens a clock for the processor time of the calling thread; null where the kernel does not count it.
    /// </summary>
    IThreadClock? OpenThreadClock();

    /// <summary>
    /// True when a thread may leave SCHED_IDLE again: with CAP_SYS_NICE, or with an RLIMIT_NICE that allows its nice
    /// value (sched(7)).
    /// </summary>
    bool MayRaiseThreads { get; }

    /// <summary>
    /// Lets the kernel end this process earlier when memory runs out (proc_pid_oom_score_adj(5)), never later. It needs
    /// no privilege.
    /// </summary>
    IoResult RaiseOomScore(int adjustment);

    /// <summary>
    /// Forbids core dumps of this process, and other processes without CAP_SYS_PTRACE to look into its memory.
    /// </summary>
    IoResult ProtectProcess();

    /// <summary>
    /// True when a thread can have several direct writes in flight: <see cref="OpenWriteQueue"/> gives a queue, unless
    /// memory or descriptors have run out.
    /// </summary>
    bool OverlapsWrites { get; }

    /// <summary>Opens a queue of writes; null when that is not possible.</summary>
    /// <param name="depth">The number of writes that it can hold.</param>
    /// <param name="signal">Given whenever a write has ended; null for no signal.</param>
    IWriteQueue? OpenWriteQueue(int depth, ThreadSignal? signal);

    /// <summary>The number of descriptors that this process may have.</summary>
    int DescriptorLimit { get; }

    /// <summary>
    /// How often a thread of this process waited until a page was read from a disk (getrusage(2)).
    /// </summary>
    long MajorFaults();

    /// <summary>
    /// The largest resident set of this process so far, in bytes; 0 where the kernel does not tell.
    /// </summary>
    long PeakRssBytes();

    /// <summary>
    /// The size of this process's page tables, in bytes (VmPTE); 0 where the kernel does not tell.
    /// </summary>
    long PageTableBytes();

    /// <summary>Figures of the whole machine. Cheap enough for every 100 ms, and allocates no memory.</summary>
    HostReading ReadHost();

    /// <summary>
    /// Starts a program that does nothing (<c>/bin/true</c>) and waits until it has ended. It waits only for that
    /// child, so other children of the process are not affected.
    /// </summary>
    IoResult SpawnAndReap();

    /// <summary>All mounts that this process sees. It asks none of their filesystems.</summary>
    IReadOnlyList<MountPoint> MountPoints();

    /// <summary>
    /// Tells one boot of the machine from another (/proc/sys/kernel/random/boot_id); empty where the kernel does not
    /// tell.
    /// </summary>
    string BootId { get; }

    DateTimeOffset UtcNow { get; }

    /// <summary>A clock that only goes forward, in milliseconds.</summary>
    long MonotonicMs { get; }

    /// <summary>The same clock in microseconds.</summary>
    long MonotonicUs { get; }
}

/// <summary>
/// A kernel that also gives memory. Only code that plans memory has it: the engine before a copy starts, and the code
/// that reads bundles back. The actors of a copy have an <see cref="IKernel"/>, and cannot take memory.
/// </summary>
internal interface IMemoryKernel : IKernel
{
    /// <summary>
    /// Anonymous memory, filled with zeros, aligned to huge pages, and made of them where the kernel can.
    /// </summary>
    IoResult<ISlabMemory> AllocateSlabs(long sizeBytes);
}

/// <summary>Memory for slabs. It must not be used after it was disposed.</summary>
internal interface ISlabMemory : IDisposable
{
    nint Address { get; }

    long SizeBytes { get; }
}

/// <summary>Error numbers that the seam adds to the kernel's. They are larger than every errno.</summary>
internal static class KernelErrors
{
    /// <summary>The path leads to something that is not a regular file.</summary>
    public const int NotRegular = 100_001;

    /// <summary>
    /// It can be reached only through /proc, and that is not mounted, or is that of another PID namespace.
    /// </summary>
    public const int NoProc = 100_002;

    /// <summary>The filesystem does not answer, and was given up.</summary>
    public const int NoAnswer = 100_003;
}
