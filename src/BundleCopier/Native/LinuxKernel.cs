using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using BundleCopier.Model;
using Microsoft.Win32.SafeHandles;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The kernel that this process runs on.</summary>
internal sealed unsafe class LinuxKernel : IMemoryKernel
{
    // How long the directory of the last source stays open. Most files of a bundle are in one directory, and walking
    // its path again for each of 100,000 files would cost more than opening them. Another program can replace the
    // directory, so the time is short.
    private const int RecentMs = 50;

    private readonly HostGauges host = new();
    private readonly Lock recentGate = new();
    private RecentDirectory? recent;

    private LinuxKernel()
    {
    }

    public static LinuxKernel Instance { get; } = new();

    /// <summary>Memory that was taken before a copy needs it; null where each copy takes its own.</summary>
    public KeptSlabs? Kept { get; set; }

    public DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

    public long MonotonicMs => (long)Stopwatch.GetElapsedTime(0).TotalMilliseconds;

    public long MonotonicUs => (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;

    public IoResult<ISourceFile> OpenSource(string path)
    {
        (string parentPath, string name) = PathText.Split(path);
        if (!Parent(parentPath).Try(out RecentDirectory? parent, out Errno error))
            return IoResult<ISourceFile>.Failed(error);
        IoResult<ISourceFile> opened = OpenIn(parent, name);
        PutBack(parent);
        return opened;
    }

    public void DoAside(Action work) =>
        new Thread(() => work(), maxStackSize: 256 * 1024) { IsBackground = true, Name = "aside" }.Start();

    public IoResult<ISourceFile> OpenStream(SafeFileHandle descriptor) => LinuxStreamFile.Take(descriptor);

    public IoResult<IProcess> OpenProcess(int pid) => LinuxProcess.Open(pid);

    public IoResult<ISourceFile> OpenSysV(int id) => SysVSegment.Open(id);

    public IoResult ReadText(string path, TextSink take) => ProcDirectory.Read(AT_FDCWD, path, take);

    public IoResult<byte[]> ReadKernelLog(int maxBytes)
    {
        byte[] text = new byte[maxBytes];
        int length;
        fixed (byte* start = text)
            length = LibcProcess.klogctl(LibcProcess.SyslogReadAll, start, maxBytes);
        int error = Marshal.GetLastPInvokeError();
        return length < 0 ? IoResult<byte[]>.Failed(error) : IoResult<byte[]>.Ok(text[..length]);
    }

    public IoResult Look(string path, out FileStat status)
    {
        (string parentPath, string name) = PathText.Split(path);
        status = default;
        if (!Parent(parentPath).Try(out RecentDirectory? parent, out Errno error))
            return IoResult.Failed(error);
        IoResult looked = Calls.StatusAt(parent.Place.Handle, name, out status);
        status = status with { Server = parent.Place.Status.Server };
        // Something is mounted on the file itself.
        if (looked.IsOk && status.Device != parent.Place.Status.Device)
            looked = LookAcross(parent.Place, name, out status);
        PutBack(parent);
        return looked;
    }

    public uint UserId => (uint)geteuid();

    public IoResult FindUser(string name) => UserList.Find(name);

    public void Rest()
    {
        lock (recentGate)
        {
            recent?.Place.Dispose();
            recent = null;
        }
    }

    public IoResult ListNames(string directoryPath, Func<string, bool> take)
    {
        if (!OpenListable(directoryPath, out _).Try(out FileHandle? handle, out Errno error))
            return IoResult.Failed(error);
        using (handle)
            return DirectoryNames.List(handle, take);
    }

    public IoResult Probe(string path)
    {
        if (!PathWalk.Resolve(WorkingDirectory.Absolute(path)).Try(out PathWalk.Place? place, out Errno error))
            return IoResult.Failed(error);
        place.Dispose();
        return IoResult.Done;
    }

    public IoResult<IDirectory> OpenDirectory(string path) =>
        OpenListable(WorkingDirectory.Absolute(path), out UntrustedDirectory? untrusted)
            .Try(out FileHandle? handle, out Errno error)
            ? IoResult<IDirectory>.Ok(new LinuxDirectory(handle, untrusted))
            : IoResult<IDirectory>.Failed(error);

    public IoResult<ISlabMemory> AllocateSlabs(long sizeBytes)
    {
        if (Kept?.TryLend(sizeBytes) is { } kept)
            return IoResult<ISlabMemory>.Ok(kept);
        // mmap(2) aligns only to pages, so map one huge page more than needed and use the aligned part.
        const long HugePageBytes = 2 << 20;
        long mappedBytes = sizeBytes + HugePageBytes;
        void* start = mmap(
            null,
            (Tmds.Linux.size_t)(ulong)mappedBytes,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0);
        int error = errno;
        if (start == MAP_FAILED)
            return IoResult<ISlabMemory>.Failed(error);
        nint aligned = (nint)(((long)start + HugePageBytes - 1) & -HugePageBytes);
        // If the kernel ignores the advice, the memory has small pages, or is part of a core dump.
        _ = madvise((void*)aligned, (Tmds.Linux.size_t)(ulong)sizeBytes, MADV_HUGEPAGE);
        _ = madvise((void*)aligned, (Tmds.Linux.size_t)(ulong)sizeBytes, MADV_DONTDUMP);
        return IoResult<ISlabMemory>.Ok(new SlabMemory(start, mappedBytes, aligned, sizeBytes));
    }

    public IoResult LockMemory(ISlabMemory slabs) => MemoryLock.Run(slabs);

    public IoResult ReadThreadClass(out ThreadClass found) => ThreadClass.OfThisThread(out found);

    public IoResult BlockSizeLimitSignal() => SizeLimitSignal.BlockOnThisThread();

    public IoResult SetThreadClass(ThreadClass wish) => wish.Apply();

    public IThreadClock? OpenThreadClock() => LinuxThreadClock.OfThisThread();

    public bool MayRaiseThreads
    {
        get
        {
            // getrlimit(2): the limit is 20 minus the nice value.
            const int LimitForNiceZero = 20;
            ResourceLimit limit;
            return host.HasCapability(CAP_SYS_NICE)
                || (getrlimit(RLIMIT_NICE, &limit) == 0 && limit.Soft >= LimitForNiceZero);
        }
    }

    public IoResult RaiseOomScore(int adjustment) => OomScore.RaiseTo(adjustment);

    public IoResult ProtectProcess() => ProcessShield.Apply();

    public bool OverlapsWrites => LinuxWriteQueue.IsAllowed;

    public IWriteQueue? OpenWriteQueue(int depth, ThreadSignal? signal) => LinuxWriteQueue.Open(depth, signal);

    public int DescriptorLimit
    {
        get
        {
            ResourceLimit limit;
            return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (int)Math.Min(int.MaxValue, limit.Soft) : 0;
        }
    }

    public long MajorFaults()
    {
        RUsage usage;
        return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.MajorFaults : 0;
    }

    public long PeakRssBytes() => host.PeakRssBytes();

    public long PageTableBytes() => host.PageTableBytes();

    public HostReading ReadHost() => host.Read();

    public string BootId
    {
        get
        {
            using ProcFile? file = ProcFile.Open("/proc/sys/kernel/random/boot_id");
            return file is null ? "" : Encoding.ASCII.GetString(file.Read(stackalloc byte[64]).TrimEnd((byte)'\n'));
        }
    }

    public IoResult SpawnAndReap() => ChildProcess.RunTrue();

    public IReadOnlyList<MountPoint> MountPoints() => MountPoint.All();

    private IoResult<RecentDirectory> Parent(string path)
    {
        if (TakeRecent(path) is { } recentOne)
            return IoResult<RecentDirectory>.Ok(recentOne);
        return PathWalk.Resolve(path, isParent: true).Try(out PathWalk.Place? found, out Errno error)
            ? IoResult<RecentDirectory>.Ok(
                new RecentDirectory(path, found, MonotonicMs + RecentMs, LeaseSignal.MustBeSet))
            : IoResult<RecentDirectory>.Failed(error);
    }

    private static IoResult LookAcross(PathWalk.Place parent, string name, out FileStat status)
    {
        status = default;
        if (!PathWalk.Resolve(name, parent).Try(out PathWalk.Place? place, out Errno error))
            return IoResult.Failed(error);
        using (place)
            status = place.Status;
        return IoResult.Done;
    }

    private static IoResult<ISourceFile> OpenIn(RecentDirectory parent, string name)
    {
        if (LinuxSourceFile.OpenInMemory(parent.Place, name, parent.SetsLeaseSignal) is { } direct)
            return IoResult<ISourceFile>.Ok(direct);
        if (!PathWalk.Resolve(name, parent.Place).Try(out PathWalk.Place? place, out Errno error))
            return IoResult<ISourceFile>.Failed(error);
        using (place)
            return LinuxSourceFile.Open(place, parent.Place, parent.SetsLeaseSignal);
    }

    // A lookup in a filesystem that does not answer takes for ever, so the gate is never held over one: the directory
    // is taken out and put back.
    private RecentDirectory? TakeRecent(string parentPath)
    {
        lock (recentGate)
        {
            if (recent is not { } found || found.Path != parentPath || MonotonicMs > found.UntilMs)
                return null;
            recent = null;
            return found;
        }
    }

    private void PutBack(RecentDirectory used)
    {
        lock (recentGate)
        {
            recent?.Place.Dispose();
            recent = used;
        }
    }

    private static IoResult<FileHandle> OpenListable(string path, out UntrustedDirectory? untrusted)
    {
        untrusted = null;
        if (!PathWalk.Resolve(path).Try(out PathWalk.Place? place, out Errno error))
            return IoResult<FileHandle>.Failed(error);
        untrusted = place.Untrusted;
        using (place)
            return Calls.Reopen(place.Handle, O_RDONLY | O_DIRECTORY);
    }

    /// <summary>The directory of the last source.</summary>
    /// <param name="Path">Its path.</param>
    /// <param name="Place">Its descriptor, which this object owns.</param>
    /// <param name="UntilMs">On the monotonic clock: when the path must be walked again.</param>
    /// <param name="SetsLeaseSignal">True when SIGIO would end this process.</param>
    private sealed record RecentDirectory(string Path, PathWalk.Place Place, long UntilMs, bool SetsLeaseSignal);

    private sealed class SlabMemory(void* start, long mappedBytes, nint address, long sizeBytes)
        : SafeHandle((nint)start, true), ISlabMemory
    {
        public override bool IsInvalid => handle == -1;

        public nint Address => address;

        public long SizeBytes => sizeBytes;

        protected override bool ReleaseHandle() => munmap((void*)handle, (Tmds.Linux.size_t)(ulong)mappedBytes) == 0;
    }
}
