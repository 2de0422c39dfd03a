using BundleCopier.Actors;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Supervise;

/// <summary>
/// What the crash server, or an engine that is armed, has before a crash, so that it takes nothing when memory is
/// short: the whole budget, written to once so that the kernel has given each page, the threads of copies, and all
/// memory of the process locked.
/// </summary>
internal sealed class EngineArms : IDisposable
{
    private const long HugePageBytes = 2 << 20;

    // The supervisor, the scout, the keeper and the governor.
    private const int ThreadsBesideWorkers = 4;

    private KeptSlabs? kept;
    private KeptThreads? threads;

    /// <summary>The memory is taken.</summary>
    public bool IsTaken => kept is not null;

    /// <summary>The kernel does not take pages of this process back.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>Takes the memory of copies, or another amount after the settings have changed.</summary>
    /// <param name="settings">The settings of each copy.</param>
    /// <param name="copies">How many run at the same time.</param>
    public IoResult Take(CopySettings settings, int copies = 1)
    {
        long oneBytes = MemoryPlan.Of(settings, compresses: true).TotalBytes;
        // Each place begins with a huge page.
        long placeBytes = copies == 1 ? oneBytes : (oneBytes + HugePageBytes - 1) / HugePageBytes * HugePageBytes;
        long sizeBytes = placeBytes * copies;
        if (kept?.Memory.SizeBytes == sizeBytes)
            return IoResult.Done;
        Free();
        if (!LinuxKernel.Instance.AllocateSlabs(sizeBytes).Try(out ISlabMemory? memory, out Errno error))
            return IoResult.Failed(error);
        kept = new KeptSlabs(memory, copies);
        LinuxKernel.Instance.Kept = kept;
        return IoResult.Done;
    }

    /// <summary>Starts the threads of copies, which sleep until then. False where the kernel gives none.</summary>
    /// <param name="settings">The settings of each copy.</param>
    /// <param name="copies">How many run at the same time.</param>
    public bool StartThreads(CopySettings settings, int copies = 1)
    {
        int ofWorkers = settings.ReaderThreads + settings.WriterThreads + settings.CompressorThreads;
        int ofCopy = ThreadsBesideWorkers + ofWorkers + (settings.Canary ? 1 : 0);
        int count = ofCopy * copies;
        if (threads?.Count == count)
            return threads.Fill();
        EndThreads();
        threads = new KeptThreads(count);
        KeptThreads.Current = threads;
        return threads.Fill();
    }

    /// <summary>A copy has ended, and its threads with it: starts others for the next one.</summary>
    public void StartThreadsAgain() => threads?.Fill();

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
        bool isTaken = Take(settings).IsOk;
        // A copy starts those that are missing itself.
        _ = StartThreads(settings);
        if (isTaken && IsLocked)
            _ = Lock(settings);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    public void Dispose()
    {
        EndThreads();
        Free();
    }

    private void EndThreads()
    {
        // Another engine of the process may have put its own there.
        if (KeptThreads.Current == threads)
            KeptThreads.Current = null;
        threads?.Dispose();
        threads = null;
    }

    private void Free()
    {
        // Another engine of the process may have put its own there.
        if (LinuxKernel.Instance.Kept == kept)
            LinuxKernel.Instance.Kept = null;
        kept?.Dispose();
        kept = null;
    }
}
