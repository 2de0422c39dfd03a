using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

internal sealed class SimOutputFile(SimKernel kernel, SimFile file, string name, OutputIo io)
    : SimHandle(kernel, name), IOutputFile
{
    public OutputIo Io => io;

    public IoResult Write(nint source, int length, long offset)
    {
        AssertOpen();
        return WriteInFlight(source, length, offset);
    }

    /// <summary>
    /// A write that a queue does. The kernel has a reference to the file, so it may be closed by now.
    /// </summary>
    public IoResult WriteInFlight(nint source, int length, long offset)
    {
        SimOp op = Name.EndsWith("/journal", StringComparison.Ordinal) ? SimOp.WriteJournal : SimOp.Write;
        if (Kernel.Enter(op, Name, offset) is { IsError: true } error)
        {
            if (Kernel.Faults.LeavesPart(error))
                WritePart(source, length, offset);
            return IoResult.Failed(error);
        }

        if (!Alignment.IsAligned(source) || !Alignment.IsAligned(length) || !Alignment.IsAligned(offset) || length == 0)
            return Misaligned(source, length, offset);
        int take = Kernel.Faults.ShortenWrite(length);
        if (!Kernel.Load(source, take, out byte[] bytes))
            return Kernel.Broken($"{Name}: write from {source:x}+{length}, which is neither slab nor window", EFAULT);
        // A direct write whose memory is partly gone fails as a whole; a buffered write goes short.
        if (bytes.Length == 0 || (bytes.Length < take && io == OutputIo.Direct))
            return IoResult.Failed(EFAULT);
        if (!Kernel.TakeSpace(file, offset, bytes.Length))
            return IoResult.Failed(ENOSPC);
        file.Touch();
        if (Kernel.Faults.CountOf(SimOp.Write) != Kernel.Faults.LosesWrite)
            file.Pages.Write(offset, bytes);
        return IoResult.Ok(bytes.Length);
    }

    public unsafe IoResult Read(nint destination, int length, long offset)
    {
        if (Enter(SimOp.ReadBack, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        if (!Alignment.IsAligned(destination) || !Alignment.IsAligned(length) || !Alignment.IsAligned(offset))
            return Misaligned(destination, length, offset);
        if (!Kernel.IsSlab(destination, length))
            return Kernel.Broken($"{Name}: read back to {destination:x}+{length}, which is no slab", EFAULT);
        int most = (int)Math.Clamp(file.Pages.Length - offset, 0, length);
        int take = Kernel.Faults.ShortenRead(most, SimPages.PageBytes);
        file.Pages.Read(offset, new Span<byte>((void*)destination, take));
        return IoResult.Ok(take);
    }

    public IoResult Identify(out FileIdentity identity)
    {
        identity = file.Identity;
        return Enter(SimOp.Identify, 0) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;
    }

    public bool Holds(long sizeBytes, long allocatedBytes)
    {
        AssertOpen();
        return file.Pages.Length >= sizeBytes;
    }

    public IoResult SetLength(long sizeBytes)
    {
        if (Enter(SimOp.SetLength, sizeBytes) is { IsError: true } error)
            return IoResult.Failed(error);
        file.Touch();
        file.Pages.SetLength(sizeBytes);
        file.Reserved.RemoveWhere(p => p * SimPages.PageBytes >= sizeBytes);
        return IoResult.Done;
    }

    public IoResult Reserve(long offset, long length)
    {
        if (Enter(SimOp.Reserve, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        if (!Kernel.TakeSpace(file, offset, length))
            return IoResult.Failed(ENOSPC);
        file.Touch();
        for (long page = offset / SimPages.PageBytes; page * SimPages.PageBytes < offset + length; page++)
            file.Reserved.Add(page);
        return IoResult.Done;
    }

    public IoResult PunchHole(long offset, long length)
    {
        if (Enter(SimOp.PunchHole, offset) is { IsError: true } error)
            return IoResult.Failed(error);
        if (!Alignment.IsAligned(offset) || !Alignment.IsAligned(length) || length == 0)
            return Misaligned(0, length, offset);
        file.Touch();
        for (long page = offset / SimPages.PageBytes; page * SimPages.PageBytes < offset + length; page++)
        {
            file.Pages.Drop(page);
            file.Reserved.Remove(page);
        }

        return IoResult.Done;
    }

    public IoResult WriteBack(long offset, long length) =>
        Enter(SimOp.Settle, offset) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;

    public IoResult Sync() => Kernel.Sync(file, Name, Enter(SimOp.Sync, 0));

    public long CachedBytes()
    {
        AssertOpen();
        return 0;
    }

    // A write that fails may have written any of its blocks.
    private void WritePart(nint source, int length, long offset)
    {
        if (!Kernel.Load(source, length, out byte[] bytes))
            return;
        file.Touch();
        for (int at = 0; at < bytes.Length; at += SimPages.PageBytes)
        {
            int take = Math.Min(SimPages.PageBytes, bytes.Length - at);
            if (Kernel.Faults.KeepsBlock() && offset + at < file.Pages.Length
                && Kernel.TakeSpace(file, offset + at, take))
                file.Pages.Write(offset + at, bytes.AsSpan(at, take));
        }
    }
}
