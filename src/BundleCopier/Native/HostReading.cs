namespace BundleCopier.Native;

/// <summary>
/// Figures of the whole machine at one moment. A value is null where the kernel does not tell it. Times are counters
/// since boot.
/// </summary>
/// <param name="MemAvailableBytes">Memory that programs could get without swapping.</param>
/// <param name="MemFreeBytes">Memory that is not used for anything.</param>
/// <param name="ShmemBytes">Shared memory and tmpfs.</param>
/// <param name="DirtyBytes">Page cache that waits to be written, or is being written (Dirty + Writeback).</param>
/// <param name="MemorySomeUs">Time in which at least one task waited for memory.</param>
/// <param name="MemoryFullUs">Time in which all tasks that had work waited for memory.</param>
/// <param name="IoSomeUs">Time in which at least one task waited for a disk.</param>
/// <param name="IoFullUs">Time in which all tasks that had work waited for a disk.</param>
internal readonly record struct HostReading(
    long? MemAvailableBytes,
    long? MemFreeBytes,
    long? ShmemBytes,
    long? DirtyBytes,
    long? MemorySomeUs,
    long? MemoryFullUs,
    long? IoSomeUs,
    long? IoFullUs);
