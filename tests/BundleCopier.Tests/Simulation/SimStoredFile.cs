using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A file of a bundle that is read back. Direct reads come from the platter, others from the page cache.
/// </summary>
internal sealed class SimStoredFile(SimKernel kernel, SimFile file, string name, bool isDirect)
    : SimHandle(kernel, name), ISourceFile
{
    private readonly SimPages pages = isDirect && file.Decayed is { } decayed ? decayed : file.Pages;

    public FileTraits Traits => new(IsShared: false, IsHugePageBacked: false, isDirect);

    public FileStat Found { get; } = StatusOf(file);

    public IoResult Status(out FileStat status)
    {
        AssertOpen();
        status = StatusOf(file);
        return IoResult.Done;
    }

    public IoResult SeekData(long offset)
    {
        AssertOpen();
        long found = pages.NextData(offset);
        return found < 0 ? IoResult.Failed(ENXIO) : IoResult.Ok(found);
    }

    public IoResult SeekHole(long offset)
    {
        AssertOpen();
        return offset >= pages.Length ? IoResult.Failed(ENXIO) : IoResult.Ok(pages.NextHole(offset));
    }

    public bool IsPopulated(long offset, long length) => false;

    public unsafe IoResult Read(nint destination, int length, long offset)
    {
        AssertOpen();
        if (isDirect
            && !(Alignment.IsAligned(destination) && Alignment.IsAligned(length) && Alignment.IsAligned(offset)))
            return Misaligned(destination, length, offset);
        int take = (int)Math.Clamp(pages.Length - offset, 0, length);
        pages.Read(offset, new Span<byte>((void*)destination, take));
        return IoResult.Ok(take);
    }

    public IoResult<IMappedWindow> Map(long offset, int length) => IoResult<IMappedWindow>.Failed(ENODEV);

    public bool IsQuiet() => false;

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => IoResult<byte[]>.Failed(ENODATA);

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length) => AssertOpen();

    private static FileStat StatusOf(SimFile file) => new(
        file.Pages.Length, (long)file.Pages.Present.Count * SimPages.PageBytes, 1, file.Identity.Inode, 1, 0x8180, 0, 0,
        default, default);
}
