using BundleCopier.Native;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Tests.Simulation;

/// <summary>Hands every call on to another kernel.</summary>
internal abstract class ForwardingKernel : IMemoryKernel
{
    public abstract IMemoryKernel Current { get; set; }

    public string BootId => Current.BootId;

    public DateTimeOffset UtcNow => Current.UtcNow;

    public long MonotonicMs => Current.MonotonicMs;

    public long MonotonicUs => Current.MonotonicUs;

    public void Rest() => Current.Rest();

    public virtual IoResult<ISourceFile> OpenSource(string path) => Current.OpenSource(path);

    public IoResult<ISourceFile> OpenStream(SafeFileHandle descriptor) => Current.OpenStream(descriptor);
    public IoResult<IProcess> OpenProcess(int pid) => Current.OpenProcess(pid);

    public IoResult<ISourceFile> OpenSysV(int id) => Current.OpenSysV(id);

    public IoResult ReadText(string path, TextSink take) => Current.ReadText(path, take);

    public IoResult<byte[]> ReadKernelLog(int maxBytes) => Current.ReadKernelLog(maxBytes);

    public IoResult ListNames(string directoryPath, Func<string, bool> take) =>
        Current.ListNames(directoryPath, take);

    public IoResult Look(string path, out FileStat status) => Current.Look(path, out status);

    public uint UserId => Current.UserId;

    public IoResult FindUser(string name) => Current.FindUser(name);

    public IoResult Probe(string path) => Current.Probe(path);

    public virtual IoResult<IDirectory> OpenDirectory(string path) => Current.OpenDirectory(path);

    public IoResult<ISlabMemory> AllocateSlabs(long sizeBytes) => Current.AllocateSlabs(sizeBytes);

    public IoResult LockMemory(ISlabMemory slabs) => Current.LockMemory(slabs);

    public IoResult ReadThreadClass(out ThreadClass found) => Current.ReadThreadClass(out found);

    public IoResult BlockSizeLimitSignal() => Current.BlockSizeLimitSignal();

    public IoResult SetThreadClass(ThreadClass wish) => Current.SetThreadClass(wish);

    public IThreadClock? OpenThreadClock() => Current.OpenThreadClock();

    public bool MayRaiseThreads => Current.MayRaiseThreads;

    public IoResult RaiseOomScore(int adjustment) => Current.RaiseOomScore(adjustment);

    public IoResult ProtectProcess() => Current.ProtectProcess();

    public bool OverlapsWrites => Current.OverlapsWrites;

    public IReadOnlyList<MountPoint> MountPoints() => Current.MountPoints();

    public virtual IWriteQueue? OpenWriteQueue(int depth, ThreadSignal? signal) =>
        Current.OpenWriteQueue(depth, signal);

    public int DescriptorLimit => Current.DescriptorLimit;

    public long MajorFaults() => Current.MajorFaults();

    public long PeakRssBytes() => Current.PeakRssBytes();

    public long PageTableBytes() => Current.PageTableBytes();

    public HostReading ReadHost() => Current.ReadHost();

    public IoResult SpawnAndReap() => Current.SpawnAndReap();
}
