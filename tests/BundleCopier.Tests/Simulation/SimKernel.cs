using System.Runtime.InteropServices;
using BundleCopier.Actors;
using BundleCopier.Model;
using BundleCopier.Native;
using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A kernel in memory: sources, one destination, clocks, and faults. It lists violations: what no program may do,
/// even if it handles the answer.
/// </summary>
internal sealed class SimKernel(SimFaults faults) : IMemoryKernel
{
    public const string DestinationPath = "/var/crash";

    // No processor can load from these addresses: they are not canonical on x64 and far beyond user space elsewhere.
    private const long FirstWindowAddress = 0x00F0_0000_0000_0000;

    public static readonly DateTimeOffset Epoch = new(2026, 11, 22, 20, 14, 5, TimeSpan.Zero);

    private readonly HashSet<SimHandle> open = [];
    private readonly List<SimWindow> windows = [];
    private readonly Dictionary<SafeFileHandle, SimSource> streams = [];
    private readonly List<SimSlab> slabs = [];
    private readonly Queue<(int AtCall, Action Change)> changes = new();
    private readonly List<SimNode> unsynced = []; // whose sync failed
    private readonly Dictionary<WorkThread, ThreadClass> threadClasses = [];
    private readonly (SimOp Op, string Name, long Offset)[] events = new (SimOp, string, long)[20];
    private readonly List<(int AtCall, Action Action)> later = [];
    private readonly List<(SimOp Op, int Nth, Action Action)> following = [];
    private readonly Random losses = new(faults.Seed ^ 0x10551055);
    private long idleMs;
    private int queues;
    private long nextWindowAddress = FirstWindowAddress;

    public SimFaults Faults => faults;

    public Dictionary<string, SimSource> Sources { get; } = [];

    public SimFolder Destination
    {
        get;
        init
        {
            field = value;
            field.Synced();
        }
    } = Empty();

    /// <summary>The bundle that had the name at first; null where there was none.</summary>
    public SimFolder? Old { get; init; }

    /// <summary>What is wrong with the path of the destination; null for nothing.</summary>
    public UntrustedDirectory? Untrusted { get; set; }

    /// <summary>What another program has put under the bundle's name; null for nothing.</summary>
    public SimNode? Foreign { get; private set; }

    /// <summary>Cuts the power now and then.</summary>
    public CrashWatch Crashes => field ??= new CrashWatch(this);

    /// <summary>A rename of a directory that was not synced is a violation, whatever a power cut leaves.</summary>
    public bool WatchesOrder { get; set; } = true;

    /// <summary>The steps of file times in milliseconds (HZ; before Linux 6.13).</summary>
    public int ClockStepMs { get; set; } = 1;

    public OutputIo DestinationIo { get; init; } = OutputIo.Direct;

    /// <summary>The destination is on a filesystem that stores nothing.</summary>
    public string? KernelFilesystem { get; set; }

    /// <summary>The owner and mode that new directories get from the mount.</summary>
    public DirectoryClaim NewDirectories { get; set; } = DirectoryClaim.Ours;

    public long SpaceBytes { get; set; } = long.MaxValue;

    public bool OverlapsWrites { get; set; } = true;

    /// <summary>Windows tell whether all their pages were written.</summary>
    public bool TellsWritten { get; set; } = true;

    /// <summary>The number of writes that began without waiting.</summary>
    public int OverlappedWrites { get; set; }

    /// <summary>The maximum of writes in flight of one writer.</summary>
    public int MaxOverlapped { get; set; }

    /// <summary>The number of writes that were submitted together with others.</summary>
    public int QueuedWrites { get; set; }

    /// <summary>Paths of files whose sync failed.</summary>
    public List<string> FailedSyncs { get; } = [];

    /// <summary>Whether a sync failed of something that is still there, and that the whole bundle needs.</summary>
    public bool HasFatalSync =>
        unsynced.Any(node => node == Destination || Destination.Below("").Any(below => below.Node == node));

    /// <summary>The bundle was renamed, and renaming it back failed.</summary>
    public bool CouldNotTakeNameBack { get; set; }

    public List<string> Violations { get; } = [];

    /// <summary>
    /// Handles that were used after they were disposed. That is right only after their owner died, while workers do
    /// not know it yet.
    /// </summary>
    public List<string> LateUses { get; } = [];

    /// <summary>Memory that was allocated and not freed.</summary>
    public int SlabsHeld => slabs.Count;

    public IEnumerable<string> Leaks => open.Select(h => h.ToString());

    public int Calls { get; private set; }

    public int PeakWindows { get; private set; }

    /// <summary>The state of the machine; changed by <see cref="At"/>, or by the script.</summary>
    public HostReading Host { get; set; }

    /// <summary>The next readings, one by one; the last one stays.</summary>
    public Queue<HostReading> HostScript { get; } = new();

    public long PageTables { get; set; }

    public string BootId { get; set; } = "boot 1";

    public DateTimeOffset UtcNow => Epoch.AddMilliseconds(MonotonicMs);

    public long MonotonicMs => Calls + idleMs;

    public long MonotonicUs => MonotonicMs * 1000;

    /// <summary>Writes whose planted bug happened in a queue.</summary>
    public HashSet<(string Name, long Offset)> DeadlyWrites { get; } = [];

    /// <summary>How often the cached directory was closed.</summary>
    public int Rests { get; private set; }

    public void Rest() => Rests++;

    public void Add(SimSource source) => Sources.Add(source.Path, source);

    /// <summary>Plans a change at a call; calls must come in order.</summary>
    public void At(int call, Action change) => changes.Enqueue((call, change));

    /// <summary>Does something some calls later; for bugs that are planted below the engine.</summary>
    public void Later(int calls, Action action) => later.Add((Calls + calls, action));

    /// <summary>Does something after the nth call of a kind, before the next call.</summary>
    public void After(SimOp op, int nth, Action action) => following.Add((op, nth, action));

    /// <summary>Does now what <see cref="Later"/> has put off.</summary>
    public void DoAllLater()
    {
        while (later.Count > 0)
            TakeLater(0)();
    }

    /// <summary>Another program makes a file under the bundle's name.</summary>
    public void TakeNameOfBundle()
    {
        if (Destination.Children.ContainsKey(SimCase.Bundle))
            return;
        Foreign = new SimFile();
        Destination.Add(SimCase.Bundle, Foreign);
    }

    /// <summary>The last calls, one a line.</summary>
    public string Events() =>
        string.Concat(Enumerable.Range(Math.Max(1, Calls - events.Length + 1), Math.Min(Calls, events.Length))
        .Select(call =>
            events[call % events.Length] is var (op, name, offset) ? $"  {call} ms: {op} {name} at {offset}\n" : ""));

    public Errno Enter(SimOp op, string name, long offset)
    {
        if (Hang?.Catches(this, op, name) == true)
            AsideThread.Park();
        Calls++;
        events[Calls % events.Length] = (op, name, offset);
        while (changes.TryPeek(out (int AtCall, Action Change) next) && next.AtCall <= Calls)
            changes.Dequeue().Change();
        while (later.Count > 0 && later.FindIndex(l => l.AtCall <= Calls) is >= 0 and int due)
            TakeLater(due)();
        Crashes.Look();
        if (following.Count > 0)
        {
            int nth = faults.CountOf(op) + 1;
            later.AddRange(following.Where(f => f.Op == op && f.Nth == nth).Select(f => (Calls + 1, f.Action)));
        }

        return faults.Decide(op, name, offset);
    }

    /// <summary>A filesystem that stops answering; null for none.</summary>
    public SimHang? Hang { get; set; }

    public void AddViolation(string what) => Violations.Add(what);

    public IoResult Broken(string what, int errno)
    {
        AddViolation(what);
        return IoResult.Failed(errno);
    }

    public void Opened(SimHandle handle) => open.Add(handle);

    public void Closed(SimHandle handle) => open.Remove(handle);

    public IoResult<ISourceFile> OpenSource(string path)
    {
        if (Enter(SimOp.OpenSource, path, 0) is { IsError: true } error)
            return IoResult<ISourceFile>.Failed(error);
        return Sources.TryGetValue(path, out SimSource? source) && !source.IsGone
            ? IoResult<ISourceFile>.Ok(new SimSourceFile(this, source))
            : IoResult<ISourceFile>.Failed(ENOENT);
    }

    public IoResult<ISourceFile> OpenStream(SafeFileHandle descriptor)
    {
        SimSource source = streams[descriptor];
        return Enter(SimOp.OpenSource, source.Path, 0) is { IsError: true } error
            ? IoResult<ISourceFile>.Failed(error)
            : IoResult<ISourceFile>.Ok(new SimPipe(this, source));
    }

    /// <summary>A process has written a source's content into a pipe.</summary>
    public void AddStream(SafeFileHandle descriptor, SimSource source)
    {
        streams.Add(descriptor, source);
        Add(source);
    }

    /// <summary>The processes by their numbers.</summary>
    public Dictionary<int, SimMappedProcess> Processes { get; } = [];

    /// <summary>The System V segments by their ids.</summary>
    public Dictionary<int, SimSource> Segments { get; } = [];

    public IoResult<IProcess> OpenProcess(int pid)
    {
        if (Enter(SimOp.OpenProcess, $"process {pid}", 0) is { IsError: true } error)
            return IoResult<IProcess>.Failed(error);
        return Processes.TryGetValue(pid, out SimMappedProcess? process) && !process.HasEnded
            ? IoResult<IProcess>.Ok(new SimHeldProcess(this, pid, process))
            : IoResult<IProcess>.Failed(ESRCH);
    }

    public IoResult<ISourceFile> OpenSysV(int id)
    {
        if (Enter(SimOp.OpenSource, $"segment {id}", 0) is { IsError: true } error)
            return IoResult<ISourceFile>.Failed(error);
        return Segments.TryGetValue(id, out SimSource? source)
            ? IoResult<ISourceFile>.Ok(new SimSourceFile(this, source))
            : IoResult<ISourceFile>.Failed(EINVAL);
    }

    public IoResult ReadText(string path, TextSink take)
    {
        if (Enter(SimOp.ReadProcess, path, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        _ = take("a fact\n"u8);
        return IoResult.Done;
    }

    public IoResult<byte[]> ReadKernelLog(int maxBytes) => IoResult<byte[]>.Failed(EPERM);

    public IoResult ListNames(string directoryPath, Func<string, bool> take)
    {
        if (Enter(SimOp.ListNames, directoryPath, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        string prefix = $"{directoryPath}/";
        foreach (string path in Sources.Keys.Where(p => p.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (!path[prefix.Length..].Contains('/') && !take(path[prefix.Length..]))
                break;
        }

        return IoResult.Done;
    }

    public IoResult Look(string path, out FileStat status)
    {
        status = default;
        if (Enter(SimOp.Look, path, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        if (!Sources.TryGetValue(path, out SimSource? source) || source.IsGone)
            return IoResult.Failed(ENOENT);
        status = SimSourceFile.StatusOf(source);
        return IoResult.Done;
    }

    public uint UserId => 1000;

    /// <summary>The users of /etc/passwd.</summary>
    public Dictionary<string, uint> Users { get; } = [];

    public IoResult FindUser(string name) =>
        Users.TryGetValue(name, out uint uid) ? IoResult.Ok(uid) : IoResult.Failed(ENOENT);

    public IoResult Probe(string path)
    {
        if (Enter(SimOp.Probe, path, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        return Sources.Keys.Append(DestinationPath)
            .Any(p => p == path || p.StartsWith($"{path}/", StringComparison.Ordinal))
            ? IoResult.Done
            : IoResult.Failed(ENOENT);
    }

    public IoResult<IDirectory> OpenDirectory(string path)
    {
        if (Enter(SimOp.OpenDirectory, path, 0) is { IsError: true } error)
            return IoResult<IDirectory>.Failed(error);
        if (path == DestinationPath)
            return IoResult<IDirectory>.Ok(new SimDirectory(this, Destination, path));
        return path.StartsWith($"{DestinationPath}/", StringComparison.Ordinal)
            && Destination.Find(path[(DestinationPath.Length + 1)..]) is SimFolder folder
            ? IoResult<IDirectory>.Ok(new SimDirectory(this, folder, path))
            : IoResult<IDirectory>.Failed(ENOENT);
    }

    public IoResult<ISlabMemory> AllocateSlabs(long sizeBytes)
    {
        if (Enter(SimOp.AllocateSlabs, "memory", 0) is { IsError: true } error)
            return IoResult<ISlabMemory>.Failed(error);
        SimSlab slab = new(this, sizeBytes);
        slabs.Add(slab);
        return IoResult<ISlabMemory>.Ok(slab);
    }

    public IoResult LockMemory(ISlabMemory memory)
    {
        if (!IsSlab(memory.Address, (int)memory.SizeBytes))
            return Broken("locked what is no slab", EINVAL);
        return Enter(SimOp.LockMemory, "memory", 0) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;
    }

    // By simulated thread. An actor without a thread of its own must not change the class of the thread that it runs
    // on.
    public IoResult ReadThreadClass(out ThreadClass found)
    {
        found = default;
        if (WorkThread.Current is not { } thread)
            return Broken("looked at a thread that is not its own", EPERM);
        found = threadClasses.GetValueOrDefault(thread);
        return IoResult.Done;
    }

    public IoResult BlockSizeLimitSignal() => IoResult.Done;

    public IoResult SetThreadClass(ThreadClass wish)
    {
        if (WorkThread.Current is not { } thread)
            return Broken("changed a thread that is not its own", EPERM);
        threadClasses[thread] = wish;
        return IoResult.Done;
    }

    public IThreadClock? OpenThreadClock() => null;

    public bool MayRaiseThreads => true;

    /// <summary>The oom_score_adj of the process; -1000 if nothing has changed it.</summary>
    public int OomScoreAdj { get; private set; } = -1000;

    public IoResult RaiseOomScore(int adjustment)
    {
        OomScoreAdj = Math.Max(OomScoreAdj, adjustment);
        return IoResult.Done;
    }

    /// <summary>Other processes may not look into the process.</summary>
    public bool IsProtected { get; private set; }

    public IoResult ProtectProcess()
    {
        IsProtected = true;
        return IoResult.Done;
    }

    public IWriteQueue? OpenWriteQueue(int depth, ThreadSignal? signal) =>
        OverlapsWrites ? new SimWriteQueue(this, depth, faults.Seed + ++queues) : null;

    /// <summary>Where sources are mounted that are not in memory.</summary>
    public IReadOnlyList<MountPoint> Mounts { get; set; } = [new("/", IsInMemory: true)];

    public IReadOnlyList<MountPoint> MountPoints() => Mounts;

    public int DescriptorLimit => 1024;

    public long MajorFaults() => 0;

    public long PeakRssBytes() => 0;

    public long PageTableBytes() => PageTables;

    // It cannot fail and takes no time, because the number of readings must not change the run.
    public HostReading ReadHost()
    {
        if (HostScript.TryDequeue(out HostReading next))
            Host = next;
        return Host;
    }

    public IoResult SpawnAndReap() =>
        Enter(SimOp.Spawn, "/bin/true", 0) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;

    /// <summary>All threads are idle; only time passes.</summary>
    public void Idle(int elapsedMs) => idleMs += elapsedMs;

    public SimWindow AddWindow(SimSource source, long offset, int length)
    {
        SimWindow window = new(this, source, offset, (nint)nextWindowAddress, length);
        // A gap between windows, so that an access behind the end of one is detected.
        nextWindowAddress += length + SimPages.PageBytes;
        windows.Add(window);
        PeakWindows = Math.Max(PeakWindows, windows.Count);
        return window;
    }

    public void RemoveWindow(SimWindow window) => windows.Remove(window);

    public void RemoveSlab(SimSlab slab) => slabs.Remove(slab);

    public bool IsSlab(nint address, int length) =>
        slabs.Exists(s => address >= s.Address && address + length <= s.Address + (nint)s.SizeBytes);

    /// <summary>Gets the bytes for a write; false when the address is not in memory of this kernel.</summary>
    public unsafe bool Load(nint address, int length, out byte[] bytes)
    {
        bytes = [];
        if (IsSlab(address, length))
            bytes = new Span<byte>((void*)address, length).ToArray();
        else if (windows.Find(w => w.Holds(address, length)) is { } window)
            bytes = window.Load(address, length);
        else
            return false;
        return true;
    }

    /// <summary>Null where the disk has no limit, and does not tell.</summary>
    public long? FreeBytes => SpaceBytes == long.MaxValue ? null : Math.Max(0, SpaceBytes - UsedBytes());

    /// <summary>The most space that was used; counted only where the disk has a limit.</summary>
    public long PeakUsedBytes { get; private set; }

    public bool HasSpace(long bytes) => SpaceBytes == long.MaxValue || UsedBytes() + bytes <= SpaceBytes;

    public bool TakeSpace(SimFile file, long offset, long length)
    {
        if (SpaceBytes == long.MaxValue)
            return true;
        long needed = 0;
        for (long page = offset / SimPages.PageBytes; page * SimPages.PageBytes < offset + length; page++)
            needed += file.Pages.IsPresent(page) || file.Reserved.Contains(page) ? 0 : SimPages.PageBytes;
        if (needed == 0)
            return true;
        long usedBytes = UsedBytes() + needed;
        if (usedBytes > SpaceBytes)
            return false;
        PeakUsedBytes = Math.Max(PeakUsedBytes, usedBytes);
        return true;
    }

    public IoResult Sync(SimNode node, string path, Errno error)
    {
        // A filesystem that does not sync directories says EINVAL; it has lost nothing (vboxsf, some FUSE servers).
        if (!error.IsError || (node is SimFolder && error.Code == EINVAL))
        {
            node.Synced();
            return error.IsError ? IoResult.Failed(error) : IoResult.Done;
        }

        // Names that are changed after the commit do not concern the bundle.
        bool isAfterCommit = node == Destination
            && Destination.Children.GetValueOrDefault(SimCase.Bundle) is { } bundle
            && bundle != Old
            && Destination.IsOnPlatter(SimCase.Bundle);
        node.SyncFailed(losses);
        FailedSyncs.Add(path);
        if ((node is SimFolder && !isAfterCommit) || path.EndsWith("/receipt.json", StringComparison.Ordinal))
            unsynced.Add(node);
        return IoResult.Failed(error);
    }

    private static SimFolder Empty()
    {
        SimFolder folder = new();
        folder.Synced();
        return folder;
    }

    private Action TakeLater(int index)
    {
        Action action = later[index].Action;
        later.RemoveAt(index);
        return action;
    }

    private long UsedBytes()
    {
        long pages = 0;
        foreach ((_, SimNode node) in Destination.Below(""))
        {
            if (node is SimFile file)
                pages += file.Pages.Present.Count + file.Reserved.Count(p => !file.Pages.IsPresent(p));
        }

        return pages * SimPages.PageBytes;
    }
}

/// <summary>Memory that is not cleared, so code that relies on zeros fails.</summary>
internal sealed unsafe class SimSlab(SimKernel kernel, long sizeBytes) : SimHandle(kernel, "memory"), ISlabMemory
{
    private const int MaxSpareBytes = 16 << 20;

    // Fresh memory costs a page fault for each 4 KiB, which takes longer than most runs.
    [ThreadStatic]
    private static nint spare;

    private readonly nint address = Allocate(sizeBytes);

    public nint Address => address;

    public long SizeBytes => sizeBytes;

    protected override void Closing()
    {
        Kernel.RemoveSlab(this);
        nint unused = address;
        if (sizeBytes <= MaxSpareBytes)
            (spare, unused) = (address, spare);
        NativeMemory.AlignedFree((void*)unused);
    }

    private static nint Allocate(long sizeBytes)
    {
        nint start = 0;
        if (sizeBytes <= MaxSpareBytes)
            (start, spare) = (spare, 0);
        if (start == 0)
            start = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(sizeBytes, MaxSpareBytes), 2 << 20);
        NativeMemory.Fill((void*)start, (nuint)sizeBytes, 0xA5);
        return start;
    }
}
