using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Supervise;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// What the server has before a crash, so that it takes nothing when memory is short: the whole budget, written to once
/// so that the kernel has given each page, and all memory of the process locked.
/// </summary>
internal sealed class ServerArms : IDisposable
{
    private KeptSlabs? kept;

    /// <summary>The kernel does not take pages of this process back.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>Takes the memory of a copy, or another amount after the settings have changed.</summary>
    public IoResult Take(CopySettings settings)
    {
        long sizeBytes = MemoryPlan.Of(settings, compresses: true).TotalBytes;
        if (kept?.Memory.SizeBytes == sizeBytes)
            return IoResult.Done;
        LinuxKernel.Instance.Kept = null;
        kept?.Dispose();
        kept = null;
        if (!LinuxKernel.Instance.AllocateSlabs(sizeBytes).Try(out ISlabMemory? memory, out Errno error))
            return IoResult.Failed(error);
        kept = new KeptSlabs(memory);
        LinuxKernel.Instance.Kept = kept;
        return IoResult.Done;
    }

    /// <summary>
    /// Locks all memory. Call it when all threads run. The whole program takes about 8 MiB more than what an idle
    /// server uses of it (measured), so it is loaded only where the settings ask for locked memory.
    /// </summary>
    public IoResult Lock(CopySettings settings)
    {
        IoResult locked = MemoryLock.Run(kept!.Memory, loadsCode: settings.MemoryLock);
        IsLocked = locked.IsOk;
        return locked;
    }

    /// <summary>Makes the idle server small again, and ready for the next crash.</summary>
    public void Rest(CopySettings settings)
    {
        // Without its own memory, each copy takes its own.
        if (Take(settings).IsOk && IsLocked)
            _ = Lock(settings);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    public void Dispose()
    {
        LinuxKernel.Instance.Kept = null;
        kept?.Dispose();
        kept = null;
    }
}
