using System.Runtime.InteropServices;
using BundleCopier.Elf;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// A core as a file: its head is the kernel's, and its memory is read from the process, which stands still until this
/// is disposed. Pages that the process never touched are holes.
/// </summary>
internal sealed class CoreMemory : ISourceFile
{
    // Between two pieces of data a smaller gap is read, too: it costs less than the memory to remember it.
    private const long MinHoleBytes = 64 << 10;

    private const int PagesPerLook = 512;

    // Addresses from here on are the kernel's: [vsyscall].
    private const ulong KernelHalf = 1UL << 63;

    private static readonly byte[] Zeros = new byte[Alignment.Bytes];

    private readonly ISourceFile stream;
    private readonly IProcessMemory memory;
    private readonly CoreLayout layout;
    private readonly List<Extent> data;

    private CoreMemory(ISourceFile stream, IProcessMemory memory, CoreLayout layout, List<Extent> data)
    {
        (this.stream, this.memory, this.layout, this.data) = (stream, memory, layout, data);
        Found = stream.Found with { SizeBytes = layout.SizeBytes, AllocatedBytes = data.Sum(static d => d.Length) };
        CoreJudge judge = new();
        judge.Add(layout.Head);
        Verdict = judge.Conclude() with { IsWhole = true, ExpectedBytes = layout.SizeBytes };
    }

    /// <summary>What its head says; it is whole if all of it can be read.</summary>
    public CoreVerdict Verdict { get; }

    // Never mapped, and never hangs.
    public FileTraits Traits { get; } = new(IsShared: true, IsHugePageBacked: false, IsDirect: false);

    public FileStat Found { get; }

    /// <summary>Looks which pages the process has. Both sources belong to the result if there is one.</summary>
    /// <param name="stream">The kernel's stream. While it is open, the process stands still.</param>
    /// <param name="memory">The process's memory.</param>
    /// <param name="layout">Where it is in the core.</param>
    /// <returns>Null where the process has gone.</returns>
    public static CoreMemory? Open(ISourceFile stream, IProcessMemory memory, CoreLayout layout)
    {
        List<Extent> data = [];
        Add(data, Extent.Between(0, layout.Head.Length));
        foreach (CoreArea area in layout.Areas)
        {
            if (area.Address >= KernelHalf)
                continue;
            if (area.IsOfFile)
                Add(data, new Extent(area.Offset, area.Length));
            else if (!TryFindPages(memory, area, data))
                return null;
        }

        return new CoreMemory(stream, memory, layout, data);
    }

    public IoResult Status(out FileStat status)
    {
        status = Found;
        return IoResult.Done;
    }

    public IoResult SeekData(long offset)
    {
        int at = IndexOf(offset);
        return at < data.Count ? IoResult.Ok(Math.Max(offset, data[at].Offset)) : IoResult.Failed(ENXIO);
    }

    public IoResult SeekHole(long offset)
    {
        int at = IndexOf(offset);
        return offset >= layout.SizeBytes ? IoResult.Failed(ENXIO)
            : IoResult.Ok(at < data.Count && data[at].Offset <= offset ? data[at].End : offset);
    }

    public bool IsPopulated(long offset, long length) => false;

    public IoResult Read(nint destination, int length, long offset)
    {
        if (offset >= layout.SizeBytes)
            return IoResult.Ok(0);
        if (offset < layout.Head.Length)
        {
            int taken = (int)Math.Min(length, layout.Head.Length - offset);
            Marshal.Copy(layout.Head, (int)offset, destination, taken);
            return IoResult.Ok(taken);
        }

        if (AreaAt(offset) is not { } area || area.Offset > offset)
        {
            long next = AreaAt(offset)?.Offset ?? layout.SizeBytes;
            return Clear(destination, (int)Math.Min(length, next - offset));
        }

        ulong address = area.Address + (ulong)(offset - area.Offset);
        int wanted = (int)Math.Min(length, area.End - offset);
        if (!area.IsOfFile && address < KernelHalf)
        {
            IoResult there = FirstPages(address, ref wanted, out bool exist);
            if (!there.IsOk)
                return there;
            if (!exist)
                return Clear(destination, wanted);
        }

        IoResult read = address >= KernelHalf ? IoResult.Failed(EIO) : memory.Read(destination, wanted, address);
        // The kernel writes zeros for a page that it cannot read, such as one behind the end of a mapped file.
        if (read.Error.Code == EIO || read.Error.Code == EFAULT)
            return Clear(destination, wanted);
        return read is { IsOk: true, Value: 0 } ? IoResult.Failed(ESRCH) : read;
    }

    public IoResult<IMappedWindow> Map(long offset, int length) => IoResult<IMappedWindow>.Failed(ENODEV);

    public bool IsQuiet() => false;

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => IoResult<byte[]>.Failed(ENODATA);

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length)
    {
    }

    public void Dispose()
    {
        stream.Dispose();
        memory.Dispose();
    }

    private static bool TryFindPages(IProcessMemory memory, CoreArea area, List<Extent> data)
    {
        int pageBytes = Environment.SystemPageSize;
        Span<bool> exists = stackalloc bool[PagesPerLook];
        for (long at = 0; at < area.Length;)
        {
            long left = (area.Length - at + pageBytes - 1) / pageBytes;
            IoResult told = memory.FindPages(area.Address + (ulong)at, exists[..(int)Math.Min(left, PagesPerLook)]);
            if (told.Error.IsInterrupted)
                continue;
            if (!told.IsOk || told.Value == 0)
                return false;
            for (int i = 0; i < (int)told.Value; i++)
            {
                long from = at + ((long)i * pageBytes);
                long to = Math.Min(from + pageBytes, area.Length);
                if (exists[i])
                    Add(data, Extent.Between(area.Offset + from, area.Offset + to));
            }

            at += told.Value * pageBytes;
        }

        return true;
    }

    private static void Add(List<Extent> data, Extent more)
    {
        if (data.Count > 0 && more.Offset - data[^1].End < MinHoleBytes)
            data[^1] = Extent.Between(data[^1].Offset, more.End);
        else
            data.Add(more);
    }

    /// <summary>
    /// Shortens a range to its first pages that all exist, or all do not. Those that do not are never read: the kernel
    /// might ask another process for them (userfaultfd(2)), which the kernel's own dump does not.
    /// </summary>
    private IoResult FirstPages(ulong address, ref int length, out bool exist)
    {
        int pageBytes = Environment.SystemPageSize;
        int inPage = (int)(address % (ulong)pageBytes);
        Span<bool> exists = stackalloc bool[PagesPerLook];
        int count = Math.Min((inPage + length + pageBytes - 1) / pageBytes, PagesPerLook);
        IoResult told = memory.FindPages(address, exists[..count]);
        exist = exists[0];
        if (!told.IsOk || told.Value == 0)
            return told.IsOk ? IoResult.Failed(ESRCH) : told;
        int same = 1;
        while (same < (int)told.Value && exists[same] == exist)
            same++;
        length = Math.Min(length, (same * pageBytes) - inPage);
        return IoResult.Done;
    }

    // At most a page at a time: the next one may be readable.
    private static IoResult Clear(nint destination, int length)
    {
        int cleared = Math.Min(length, Zeros.Length);
        Marshal.Copy(Zeros, 0, destination, cleared);
        return IoResult.Ok(cleared);
    }

    /// <summary>The first data that ends behind an offset.</summary>
    private int IndexOf(long offset)
    {
        int low = 0;
        for (int high = data.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (data[middle].End <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The first area that ends behind an offset; null where there is none.</summary>
    private CoreArea? AreaAt(long offset)
    {
        int low = 0;
        for (int high = layout.Areas.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (layout.Areas[middle].End <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low < layout.Areas.Count ? layout.Areas[low] : null;
    }
}
