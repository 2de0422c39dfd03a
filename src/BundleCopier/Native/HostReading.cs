namespace BundleCopier.Native;

/// <summary>How the machine is doing at one moment. Null is what the kernel does not tell.</summary>
/// <param name="MemAvailableBytes">What could be given to programs without swapping.</param>
/// <param name="MemFreeBytes">What nobody uses at all.</param>
/// <param name="ShmemBytes">Shared memory and tmpfs, of everybody.</param>
/// <param name="DirtyBytes">Page cache that waits to be written, or is being written (Dirty + Writeback).</param>
/// <param name="MemorySomeUs">Time so far in which some task waited for memory; a counter, of the whole machine, as are the others.</param>
/// <param name="MemoryFullUs">Time so far in which all tasks that had work waited for memory.</param>
/// <param name="IoSomeUs">Time so far in which some task waited for a disk.</param>
/// <param name="IoFullUs">Time so far in which all tasks that had work waited for a disk.</param>
internal readonly record struct HostReading(
    long? MemAvailableBytes,
    long? MemFreeBytes,
    long? ShmemBytes,
    long? DirtyBytes,
    long? MemorySomeUs,
    long? MemoryFullUs,
    long? IoSomeUs,
    long? IoFullUs);
