using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>A source file.</summary>
internal sealed class SimSource(string path, SimPages pages)
{
    public string Path => path;

    public SimPages Pages { get; } = pages;

    /// <summary>Its content when the copy began.</summary>
    public SimPages Original { get; private set; } = new();

    public FileTraits Traits { get; init; } = new(IsShared: true, IsHugePageBacked: false, IsDirect: false);

    public bool IsQuiet { get; init; } = true;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Xattrs { get; init; }

    public Timestamp ChangedAt { get; private set; } = new(1_700_000_000, 0);

    /// <summary>Whether it was changed during the copy.</summary>
    public bool WasChanged { get; private set; }

    public bool IsGone { get; private set; }

    public void Begin() => Original = Pages.Snapshot();

    public void Change(SimKernel kernel, Action<SimPages> how)
    {
        how(Pages);
        WasChanged = true;
        long ms = kernel.UtcNow.ToUnixTimeMilliseconds();
        ChangedAt = new Timestamp(ms / 1000, ms % 1000 * 1_000_000);
    }

    public void Vanish() => IsGone = true;
}

internal sealed class SimSourceFile(SimKernel kernel, SimSource source) : SimHandle(kernel, source.Path), ISourceFile
{
    public FileTraits Traits => source.Traits;

    public FileStat Found { get; } = StatusOf(source);

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

    public bool IsQuiet()
    {
        AssertOpen();
        return source.IsQuiet;
    }

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([.. source.Xattrs?.Keys ?? []]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) =>
        source.Xattrs is not { } xattrs || !xattrs.TryGetValue(name, out ReadOnlyMemory<byte> value)
            ? IoResult<byte[]>.Failed(ENODATA)
            : value.Length > maxBytes ? IoResult<byte[]>.Failed(ERANGE)
            : IoResult<byte[]>.Ok(value.ToArray());

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length) => AssertOpen();

    private static FileStat StatusOf(SimSource source) => new(
        source.Pages.Length, (long)source.Pages.Present.Count * SimPages.PageBytes, 7, 1, 1, 0x8180, 1000, 1000,
        source.ChangedAt, source.ChangedAt);
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

    public bool IsWritten()
    {
        AssertOpen();
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
