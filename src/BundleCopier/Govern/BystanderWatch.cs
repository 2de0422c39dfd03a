using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>
/// What the other programs of the machine felt of a copy, from readings before, during and after it. Pure.
/// </summary>
internal sealed class BystanderWatch
{
    private readonly HostReading start;
    private HostReading last;
    private long? dirtyPeakBytes;
    private long? memAvailableLowBytes;
    private long pageTablePeakBytes;

    public BystanderWatch(HostReading start, long pageTableBytes)
    {
        this.start = start;
        Add(start, pageTableBytes);
    }

    /// <summary>Takes the next reading; one that lacks a figure changes nothing about it.</summary>
    public void Add(HostReading reading, long pageTableBytes)
    {
        last = reading;
        dirtyPeakBytes = Furthest(dirtyPeakBytes, reading.DirtyBytes, isHigher: true);
        memAvailableLowBytes = Furthest(memAvailableLowBytes, reading.MemAvailableBytes, isHigher: false);
        pageTablePeakBytes = Math.Max(pageTablePeakBytes, pageTableBytes);
    }

    /// <summary>The receipt's section, as of the last reading.</summary>
    /// <param name="resources">What the copy used itself.</param>
    /// <param name="governor">What the governor did.</param>
    /// <param name="canary">What the canary measured; null where there is none.</param>
    public ReceiptBystanders Report(ReceiptResources resources, ReceiptGovernor governor, ReceiptCanary? canary) =>
        new()
        {
            MemoryStallMs = Stall(start.MemorySomeUs, last.MemorySomeUs, start.MemoryFullUs, last.MemoryFullUs),
            IoStallMs = Stall(start.IoSomeUs, last.IoSomeUs, start.IoFullUs, last.IoFullUs),
            DestinationCachedBytes = resources.DestinationCachedBytes,
            TmpfsGrowthBytes = last.ShmemBytes - start.ShmemBytes,
            DirtyPeakBytes = dirtyPeakBytes,
            MemAvailableLowBytes = memAvailableLowBytes,
            PeakRssBytes = resources.PeakRssBytes,
            PageTablePeakBytes = pageTablePeakBytes,
            MajorFaults = resources.MajorFaults ?? 0,
            Governor = governor,
            Canary = canary,
        };

    private static ReceiptStall? Stall(long? someBefore, long? someAfter, long? fullBefore, long? fullAfter) =>
        Elapsed(someBefore, someAfter) is { } some ? new ReceiptStall(some, Elapsed(fullBefore, fullAfter)) : null;

    // The kernel adds a counter up over its processors as it is read, and may find a little less than before.
    private static double? Elapsed(long? beforeUs, long? afterUs) =>
        afterUs - beforeUs is { } elapsedUs ? Math.Max(0, elapsedUs) / 1000.0 : null;

    private static long? Furthest(long? soFar, long? next, bool isHigher) =>
        soFar is null || (isHigher ? next > soFar : next < soFar) ? next ?? soFar : soFar;
}
