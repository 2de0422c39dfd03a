using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>A source file.</summary>
internal sealed class SimSource(string path, SimPages pages)
{
    private readonly Queue<Action> waiting = new();
    private bool isLeased;
    private int openBy;
    private bool wasStoredInto;

    public string Path => path;

    public SimPages Pages { get; } = pages;

    /// <summary>Its content when the copy began.</summary>
    public SimPages Original { get; private set; } = new();

    /// <summary>Its content when the copy opened it.</summary>
    public SimPages Opened { get; private set; } = new();

    public FileTraits Traits { get; set; } = new(IsShared: true, IsHugePageBacked: false, IsDirect: false);

    /// <summary>No program has it open for writing or mapped writable.</summary>
    public bool IsQuiet { get; set; } = true;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Xattrs { get; init; }

    public Timestamp ChangedAt { get; set; } = new(1_700_000_000, 0);

    /// <summary>Of a pipe: the process stops writing here, and keeps the pipe open.</summary>
    public long SilentFrom { get; set; } = long.MaxValue;

    public ulong Inode { get; set; } = 1;

    public uint Uid { get; init; } = 1000;

    public ulong Links { get; init; } = 1;

    /// <summary>Whether it was changed during the copy.</summary>
    public bool WasChanged { get; private set; }

    /// <summary>Whether it was changed while the copy had it open.</summary>
    public bool WasChangedWhileOpen { get; private set; }

    /// <summary>
    /// Whether a program stored into its mapping during an earlier copy or after it. No time tells this to the copy
    /// that resumes, so it may take over what is not in the file any more, but then it must not call it stable.
    /// </summary>
    public bool HasUnseenStores { get; private init; }

    /// <summary>A server that lies: the place that it gives for data at or after an offset. Null for the right one.
    /// </summary>
    public Func<long, long>? SaysDataAt { get; set; }

    public bool IsGone { get; private set; }

    public void Begin()
    {
        Original = Pages.Snapshot();
        Opened = Original;
    }

    /// <summary>
    /// A program opens it, changes it and closes it. The kernel lets it wait while the copy holds a lease
    /// (F_SETLEASE).
    /// </summary>
    public void Change(SimKernel kernel, Action<SimPages> how) => WithoutLease(() =>
    {
        Alter(how);
        long ms = kernel.UtcNow.ToUnixTimeMilliseconds();
        ms -= ms % kernel.ClockStepMs;
        ChangedAt = new Timestamp(ms / 1000, ms % 1000 * 1_000_000);
    });

    /// <summary>
    /// A program maps it, and stores into the mapping now and later. In tmpfs that changes no time (measured).
    /// </summary>
    public void MapWritable(SimKernel kernel, int calls, Action<SimPages> how) => WithoutLease(() =>
    {
        IsQuiet = false;
        Store(how);
        kernel.Later(calls, () => Store(how));
    });

    /// <summary>The file for a copy that resumes the copy of this one.</summary>
    public SimSource ForResume() => new(path, Pages.Snapshot())
    {
        Traits = Traits,
        ChangedAt = ChangedAt,
        HasUnseenStores = wasStoredInto,
    };

    public void Vanish() => IsGone = true;

    public void OpenedByCopy()
    {
        if (WasChanged)
            Opened = Pages.Snapshot();
        openBy++;
    }

    public void ClosedByCopy()
    {
        openBy--;
        isLeased = false;
        while (waiting.TryDequeue(out Action? change))
            change();
    }

    /// <summary>Gives the copy a lease, until it closes the file or gives it back.</summary>
    public bool TryLease() => isLeased = IsQuiet;

    private void WithoutLease(Action change)
    {
        if (isLeased)
            waiting.Enqueue(change);
        else
            change();
    }

    private void Store(Action<SimPages> how)
    {
        Alter(how);
        wasStoredInto = true;
    }

    private void Alter(Action<SimPages> how)
    {
        how(Pages);
        WasChanged = true;
        WasChangedWhileOpen |= openBy > 0;
    }
}

internal sealed class SimSourceFile : SimHandle, ISourceFile
{
    private readonly SimSource source;

    public SimSourceFile(SimKernel kernel, SimSource source)
        : base(kernel, source.Path)
    {
        this.source = source;
        Found = StatusOf(source);
        source.OpenedByCopy();
    }

    public FileTraits Traits => source.Traits;

    public FileStat Found { get; }

    public IoResult Status(out FileStat status)
    {
        status = default;
        if (Enter(SimOp.Status, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        status = StatusOf(source);
        return IoResult.Done;
    }

    public IoResult SeekData(long offset)
    {
        if (Enter(SimOp.SeekData, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        if (source.SaysDataAt is { } lie)
            return IoResult.Ok(lie(offset));
        long found = source.Pages.NextData(offset);
        return found < 0 ? IoResult.Failed(ENXIO) : IoResult.Ok(found);
    }

    public IoResult SeekHole(long offset)
    {
        if (Enter(SimOp.SeekHole, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        return offset >= source.Pages.Length ? IoResult.Failed(ENXIO) : IoResult.Ok(source.Pages.NextHole(offset));
    }

    public bool IsPopulated(long offset, long length)
    {
        AssertOpen();
        if (!Traits.IsShared)
            return false;
        for (long page = offset / SimPages.PageBytes; page * SimPages.PageBytes < offset + length; page++)
        {
            if (!source.Pages.IsPresent(page))
                return false;
        }

        return true;
    }

    public unsafe IoResult Read(nint destination, int length, long offset)
    {
        if (Enter(SimOp.Read, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        if (Traits.IsDirect
            && !(Alignment.IsAligned(destination) && Alignment.IsAligned(length) && Alignment.IsAligned(offset)))
            return Misaligned(destination, length, offset);
        if (!Kernel.IsSlab(destination, length))
            return Kernel.Broken($"{Name}: read to {destination:x}+{length}, which is no slab", EFAULT);
        int most = (int)Math.Clamp(source.Pages.Length - offset, 0, length);
        int take = Kernel.Faults.ShortenRead(most, Traits.IsDirect ? SimPages.PageBytes : 1);
        source.Pages.Read(offset, new Span<byte>((void*)destination, take));
        return IoResult.Ok(take);
    }

    public IoResult<IMappedWindow> Map(long offset, int length)
    {
        if (Enter(SimOp.Map, offset) is { IsError: true } error)
            return IoResult<IMappedWindow>.Failed(error);
        if (!Traits.IsShared)
            Kernel.AddViolation($"{Name}: mapping a file that is not in memory fills the page cache");
        if (!Alignment.IsAligned(offset) || !Alignment.IsAligned(length))
            return IoResult<IMappedWindow>.Failed(Misaligned(0, length, offset).Error);
        return IoResult<IMappedWindow>.Ok(Kernel.AddWindow(source, offset, length));
    }

    // The lease is given back at once: nothing can happen meanwhile.
    public bool IsQuiet() => !Enter(SimOp.Lease, 0).IsError && source.IsQuiet;

    public bool IsQuietUntilClosed() => !Enter(SimOp.Lease, 0).IsError && source.TryLease();

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([.. source.Xattrs?.Keys ?? []]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) =>
        source.Xattrs is not { } xattrs || !xattrs.TryGetValue(name, out ReadOnlyMemory<byte> value)
            ? IoResult<byte[]>.Failed(ENODATA)
            : value.Length > maxBytes ? IoResult<byte[]>.Failed(ERANGE)
            : IoResult<byte[]>.Ok(value.ToArray());

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length) => AssertOpen();

    protected override void Closing() => source.ClosedByCopy();

    public static FileStat StatusOf(SimSource source) => new(
        source.Pages.Length, (long)source.Pages.Present.Count * SimPages.PageBytes, 7, source.Inode,
        source.Links, 0x8180, source.Uid, 1000, source.ChangedAt, source.ChangedAt);
}

/// <summary>
/// A window with addresses that no processor can load from. Only a simulated write understands them, and reads the
/// source at that moment.
/// </summary>
internal sealed class SimWindow(SimKernel kernel, SimSource source, long offset, nint address, int length)
    : SimHandle(kernel, $"window of {source.Path}"), IMappedWindow
{
    public nint Address => address;

    public int Length => length;

    public bool TellsWritten => Kernel.TellsWritten;

    /// <summary>How often <see cref="IsWritten"/> was asked.</summary>
    public int Looks { get; private set; }

    public bool IsWritten()
    {
        AssertOpen();
        Looks++;
        if (!Kernel.TellsWritten)
            return false;
        for (long at = offset; at < offset + length; at += SimPages.PageBytes)
        {
            if (!source.Pages.IsData(at / SimPages.PageBytes))
                return false;
        }

        return true;
    }

    public bool Holds(nint at, int bytes) => at >= address && at + bytes <= address + length;

    /// <summary>
    /// The bytes that the kernel would find: shorter where the file was truncated; pages that were holes become
    /// allocated.
    /// </summary>
    public byte[] Load(nint at, int bytes)
    {
        long start = offset + (at - address);
        long limit = Alignment.Up(source.Pages.Length);
        byte[] loaded = new byte[(int)Math.Clamp(limit - start, 0, bytes)];
        source.Pages.Read(start, loaded);
        for (long page = start / SimPages.PageBytes; page * SimPages.PageBytes < start + loaded.Length; page++)
            source.Pages.Reserve(page);
        return loaded;
    }

    protected override void Closing() => Kernel.RemoveWindow(this);
}
