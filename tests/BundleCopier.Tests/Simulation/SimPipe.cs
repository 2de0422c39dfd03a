using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>The end of a pipe that is read. Now and then it has nothing yet.</summary>
internal sealed class SimPipe : SimHandle, ISourceFile
{
    private const int MaxReadBytes = 256 << 10;

    private readonly SimSource source;
    private long position;
    private int awaited;

    public SimPipe(SimKernel kernel, SimSource source)
        : base(kernel, source.Path)
    {
        this.source = source;
        source.OpenedByCopy();
    }

    public FileTraits Traits => source.Traits;

    public FileStat Found => SimSourceFile.StatusOf(source) with { SizeBytes = 0, AllocatedBytes = 0 };

    public IoResult AwaitData(int waitMs)
    {
        AssertOpen();
        bool isSilent = source.SilentFrom <= position;
        if (!isSilent && ++awaited % 3 != 0)
            return IoResult.Ok(1);
        Kernel.Idle(Math.Max(1, waitMs));
        return IoResult.Ok(0);
    }

    public unsafe IoResult Read(nint destination, int length, long offset)
    {
        if (Enter(SimOp.Read, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        if (!Kernel.IsSlab(destination, length))
            return Kernel.Broken($"{Name}: read to {destination:x}+{length}, which is no slab", EFAULT);
        long end = Math.Min(source.Pages.Length, source.SilentFrom);
        int most = (int)Math.Clamp(end - position, 0, Math.Min(length, MaxReadBytes));
        int take = Kernel.Faults.ShortenRead(most, 1);
        source.Pages.Read(position, new Span<byte>((void*)destination, take));
        position += take;
        return IoResult.Ok(take);
    }

    public IoResult Status(out FileStat status)
    {
        status = Found;
        return IoResult.Done;
    }

    public IoResult SeekData(long offset) => Kernel.Broken($"{Name}: a pipe has no offsets", ESPIPE);

    public IoResult SeekHole(long offset) => Kernel.Broken($"{Name}: a pipe has no offsets", ESPIPE);

    public bool IsPopulated(long offset, long length) => false;

    public IoResult<IMappedWindow> Map(long offset, int length) => IoResult<IMappedWindow>.Failed(ENODEV);

    public bool IsQuiet() => false;

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => IoResult<byte[]>.Failed(ENODATA);

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length) => AssertOpen();

    protected override void Closing() => source.ClosedByCopy();
}
