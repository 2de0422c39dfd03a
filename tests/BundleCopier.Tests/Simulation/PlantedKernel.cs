using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>A simulated kernel below a bug.</summary>
internal sealed class PlantedKernel(SimKernel kernel, Plant plant) : ForwardingKernel
{
    private readonly Queue<Action> afterRename = new();

    public override IMemoryKernel Current { get; set; } = kernel;

    public Plant Plant => plant;

    public SimKernel Below => kernel;

    public override IoResult<ISourceFile> OpenSource(string path) =>
        base.OpenSource(path).Try(out ISourceFile? source, out Errno error)
            ? IoResult<ISourceFile>.Ok(new PlantedSource(this, source))
            : IoResult<ISourceFile>.Failed(error);

    public override IoResult<IDirectory> OpenDirectory(string path) => Wrap(base.OpenDirectory(path));

    public override IWriteQueue? OpenWriteQueue(int depth, ThreadSignal? signal) =>
        plant == Plant.MemoryIsGivenBackTooEarly && kernel.OpenWriteQueue(4 * depth, signal) is { } deep
            ? new HastyQueue(deep, 4 * depth)
            : base.OpenWriteQueue(depth, signal) is { } queue ? new PlantedQueue(this, queue) : null;

    public IoResult<IDirectory> Wrap(IoResult<IDirectory> opened) =>
        opened.Try(out IDirectory? directory, out Errno error)
            ? IoResult<IDirectory>.Ok(new PlantedDirectory(this, directory))
            : IoResult<IDirectory>.Failed(error);

    public IoResult<IOutputFile> Wrap(IoResult<IOutputFile> made) =>
        made.Try(out IOutputFile? file, out Errno error)
            ? IoResult<IOutputFile>.Ok(new PlantedOutput(this, file))
            : IoResult<IOutputFile>.Failed(error);

    /// <summary>Syncs now, never, or after the rename.</summary>
    public IoResult Sync(Plant never, Func<IoResult> sync)
    {
        if (plant == never)
            return IoResult.Done;
        if (plant == Plant.RenameComesBeforeSync && never != Plant.FileSyncIsNeverMade)
        {
            afterRename.Enqueue(() => _ = sync());
            return IoResult.Done;
        }

        IoResult synced = sync();
        return plant == Plant.LostWriteIsForgotten ? IoResult.Done : synced;
    }

    public void Renamed()
    {
        while (afterRename.TryDequeue(out Action? sync))
            sync();
    }

    /// <summary>What the engine is told of a write.</summary>
    public IoResult Told(IoResult written, int length) => plant switch
    {
        Plant.FailedWriteIsForgotten when !written.IsOk && !written.Error.IsInterrupted => IoResult.Ok(length),
        Plant.ShortWriteIsIgnored when written.IsOk => IoResult.Ok(length),
        _ => written,
    };
}

internal sealed class PlantedDirectory(PlantedKernel kernel, IDirectory inner) : IDirectory
{
    public string? KernelFilesystem => inner.KernelFilesystem;

    public UntrustedDirectory? Untrusted => inner.Untrusted;

    public IoResult<IDirectory> CreateDirectory(string name) => kernel.Wrap(inner.CreateDirectory(name));

    public IoResult<IDirectory> OpenDirectory(string name) => kernel.Wrap(inner.OpenDirectory(name));

    public IoResult<IDirectory> OpenOwnDirectory(string name) => kernel.Wrap(inner.OpenOwnDirectory(name));

    public IoResult<IOutputFile> OpenOutput(string name, OutputIo io) => kernel.Wrap(inner.OpenOutput(name, io));

    public IoResult<IOutputFile> CreateFile(string name, OutputIo io) => kernel.Wrap(inner.CreateFile(name, io));

    public IoResult<IOutputFile> CreateNameless(OutputIo io) => kernel.Wrap(inner.CreateNameless(io));

    public IoResult<ISourceFile> OpenFile(string name) => kernel.Plant == Plant.VerifyReadsThePageCache
        ? ((SimDirectory)inner).OpenFile(name, isDirect: false)
        : inner.OpenFile(name);

    public IoResult Probe(string name) => inner.Probe(name);

    public IoResult Rename(string name, string newName)
    {
        if (kernel.Plant == Plant.RenameReplaces)
            _ = inner.RemoveTree(newName);
        IoResult renamed = inner.Rename(name, newName);
        kernel.Renamed();
        return renamed;
    }

    public IoResult Exchange(string name, string other)
    {
        IoResult exchanged;
        if (kernel.Plant == Plant.ReplacedBundleGoesFirst && other == SimCase.Bundle)
        {
            _ = inner.RemoveTree(other);
            exchanged = inner.Rename(name, other);
        }
        else
        {
            exchanged = inner.Exchange(name, other);
        }

        kernel.Renamed();
        return exchanged;
    }

    public IoResult Link(IOutputFile nameless, string name) => IoResult.Failed(ENOSYS);

    public IoResult RenameFile(string name, string newName) => inner.RenameFile(name, newName);

    public IoResult RemoveTree(string name) => inner.RemoveTree(name);

    public IoResult RemoveGently(string name, IDirectory held, Func<bool> isStopped) =>
        inner.RemoveGently(name, ((PlantedDirectory)held).Inner, isStopped);

    public IoResult<TreeUse> Measure(string name) => inner.Measure(name);

    public IoResult Lock() => inner.Lock();

    public IoResult LockShared() => inner.LockShared();

    public IoResult LockSoon() => inner.LockSoon();

    public void Unlock() => inner.Unlock();

    public IDiskCounter? OpenDiskCounter() => inner.OpenDiskCounter();

    public IoResult<IReadOnlyList<string>> ListNames() => inner.ListNames();

    public IoResult Identify(string name, out FileIdentity identity) => inner.Identify(name, out identity);

    public IoResult Identify(out FileIdentity identity) => inner.Identify(out identity);

    public DirectoryClaim ClaimTo(IDirectory parent, string name) =>
        inner.ClaimTo(((PlantedDirectory)parent).Inner, name);

    public IoResult FindOwner(string name, out bool isOfAnother) => inner.FindOwner(name, out isOfAnother);

    public bool IsOfAnother(string name) => inner.IsOfAnother(name);

    public IoResult ReadRights(out FileRights rights) => inner.ReadRights(out rights);

    public IoResult Sync() => kernel.Sync(Plant.DirectorySyncIsNeverMade, inner.Sync);

    public IoResult SyncFilesystem() => kernel.Sync(Plant.FilesystemSyncIsNeverMade, inner.SyncFilesystem);

    public IoResult FreeBytes() => inner.FreeBytes();

    public IoResult TotalBytes() => inner.TotalBytes();

    public IoResult<IProbeFile> CreateProbe() => inner.CreateProbe();

    public IoResult<DestinationTraits> ProbeOutputIo() => inner.ProbeOutputIo();

    public void Dispose() => inner.Dispose();

    private IDirectory Inner => inner;
}

internal sealed class PlantedOutput(PlantedKernel kernel, IOutputFile inner) : IOutputFile
{
    public IOutputFile Inner => inner;

    public OutputIo Io => inner.Io;

    public IoResult Write(nint source, int length, long offset) =>
        kernel.Told(inner.Write(source, length, offset), length);

    public IoResult Read(nint destination, int length, long offset) => inner.Read(destination, length, offset);

    public IoResult SetLength(long sizeBytes) => inner.SetLength(sizeBytes);

    public IoResult Reserve(long offset, long length) => inner.Reserve(offset, length);

    public IoResult PunchHole(long offset, long length) =>
        kernel.Plant == Plant.StaleBytesStay ? IoResult.Done : inner.PunchHole(offset, length);

    public IoResult WriteBack(long offset, long length) => inner.WriteBack(offset, length);

    public IoResult Identify(out FileIdentity identity) => inner.Identify(out identity);

    public bool Holds(long sizeBytes, long allocatedBytes) => inner.Holds(sizeBytes, allocatedBytes);

    public IoResult Sync() => kernel.Sync(Plant.FileSyncIsNeverMade, inner.Sync);

    public long CachedBytes() => inner.CachedBytes();

    public void Dispose() => inner.Dispose();
}

internal sealed class PlantedSource(PlantedKernel kernel, ISourceFile inner) : ISourceFile
{
    public FileTraits Traits => inner.Traits;

    public FileStat Found => inner.Found;

    public IoResult Status(out FileStat status)
    {
        IoResult result = inner.Status(out status);
        if (kernel.Plant == Plant.TimesAreNotLookedAt)
            status = status with { ModifiedAt = Found.ModifiedAt, ChangedAt = Found.ChangedAt };
        return result;
    }

    public IoResult SeekData(long offset) => inner.SeekData(offset);

    public IoResult SeekHole(long offset) => inner.SeekHole(offset);

    public bool IsPopulated(long offset, long length) => inner.IsPopulated(offset, length);

    public IoResult Read(nint destination, int length, long offset) => inner.Read(destination, length, offset);

    public IoResult AwaitData(int waitMs) => inner.AwaitData(waitMs);

    public IoResult<IMappedWindow> Map(long offset, int length) => inner.Map(offset, length);

    public bool IsQuiet() => inner.IsQuiet();

    public bool IsQuietUntilClosed() => kernel.Plant switch
    {
        Plant.SourceLeaseIsNotAskedFor => true,
        Plant.SourceLeaseIsGivenBackTooEarly => inner.IsQuiet(),
        _ => inner.IsQuietUntilClosed(),
    };

    public IoResult<string[]> XattrNames() => inner.XattrNames();

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => inner.ReadXattr(name, maxBytes);

    public long CachedBytes() => inner.CachedBytes();

    public void DropCache(long offset, long length) => inner.DropCache(offset, length);

    public void Dispose() => inner.Dispose();
}

internal sealed class PlantedQueue(PlantedKernel kernel, IWriteQueue inner) : IWriteQueue
{
    // Far enough for the next crew to use the memory.
    private const int LateCalls = 30;

    private readonly Dictionary<int, int> lengths = [];

    public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
    {
        lengths[tag] = 0;
        foreach (MemoryPiece piece in pieces)
            lengths[tag] += piece.Length;
        return inner.Add(tag, ((PlantedOutput)output).Inner, pieces, offset);
    }

    public int Submit() => inner.Submit();

    public int Collect(Span<EndedWrite> ended, bool wait)
    {
        int count = inner.Collect(ended, wait);
        foreach (ref EndedWrite write in ended[..count])
            write = write with { Result = kernel.Told(write.Result, lengths[write.Tag]) };
        return count;
    }

    public void Dispose()
    {
        if (kernel.Plant == Plant.DyingWriterDoesNotWait)
            kernel.Below.Later(LateCalls, inner.Dispose);
        else
            inner.Dispose();
    }
}

/// <summary>A queue that calls writes over when they are submitted, and does them later.</summary>
internal sealed class HastyQueue(IWriteQueue inner, int depth) : IWriteQueue
{
    private readonly Stack<int> free = new(Enumerable.Range(0, depth));
    private readonly Queue<(int Tag, int InnerTag, int Length)> prepared = new();
    private readonly Queue<(int Tag, int Length)> submitted = new();
    private readonly EndedWrite[] done = new EndedWrite[depth];

    public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
    {
        if (free.Count == 0)
            TakeDone(wait: true);
        if (!inner.Add(free.Peek(), ((PlantedOutput)output).Inner, pieces, offset))
            return false;
        int length = 0;
        foreach (MemoryPiece piece in pieces)
            length += piece.Length;
        prepared.Enqueue((tag, free.Pop(), length));
        return true;
    }

    public int Submit()
    {
        int taken = inner.Submit();
        for (int i = 0; prepared.TryDequeue(out (int Tag, int InnerTag, int Length) write); i++)
        {
            if (i < taken)
                submitted.Enqueue((write.Tag, write.Length));
            else
                free.Push(write.InnerTag);
        }

        return taken;
    }

    public int Collect(Span<EndedWrite> ended, bool wait)
    {
        TakeDone(wait: false);
        int count = 0;
        while (submitted.TryDequeue(out (int Tag, int Length) write))
            ended[count++] = new EndedWrite(write.Tag, IoResult.Ok(write.Length));
        return count;
    }

    public void Dispose() => inner.Dispose();

    private void TakeDone(bool wait)
    {
        int count = inner.Collect(done, wait);
        foreach (EndedWrite write in done[..count])
            free.Push(write.Tag);
    }
}
