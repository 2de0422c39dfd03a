using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>
/// How a copy went over time, in a bounded number of samples. When there are too many, two neighbours become one, and
/// from then on a sample stands for twice the time. Pure.
/// </summary>
internal sealed class CopyTimeline
{
    private readonly List<ReceiptSample> samples = new(ReceiptSample.MaxCount);
    private HostReading start;
    private ReceiptSample? pending;
    private int perSample = 1;
    private int inPending;

    /// <summary>Begins: stalls count from here.</summary>
    public void Start(HostReading host) => start = host;

    /// <summary>Adds what was seen.</summary>
    /// <param name="atMs">The time since the start.</param>
    /// <param name="dataBytes">Data that is done.</param>
    /// <param name="inFlightBytes">Data in flight.</param>
    /// <param name="host">The machine.</param>
    public void Add(long atMs, long dataBytes, long inFlightBytes, HostReading host)
    {
        ReceiptSample seen = new(
            atMs,
            dataBytes,
            inFlightBytes,
            StallMs(start.MemorySomeUs, host.MemorySomeUs),
            StallMs(start.IoSomeUs, host.IoSomeUs));
        pending = pending is null ? seen : Join(pending, seen);
        if (++inPending < perSample)
            return;
        if (samples.Count == ReceiptSample.MaxCount)
            JoinAll();
        else
            TakePending();
    }

    /// <summary>All samples, in their order.</summary>
    public IReadOnlyList<ReceiptSample> End()
    {
        if (pending is not null && samples.Count == ReceiptSample.MaxCount)
            JoinAll();
        TakePending();
        return [.. samples];
    }

    private void TakePending()
    {
        if (pending is not null)
            samples.Add(pending);
        pending = null;
        inPending = 0;
    }

    private void JoinAll()
    {
        for (int i = 0; i < samples.Count / 2; i++)
            samples[i] = Join(samples[2 * i], samples[(2 * i) + 1]);
        samples.RemoveRange(samples.Count / 2, samples.Count - (samples.Count / 2));
        perSample *= 2;
    }

    // Counters count from the start, so the later ones hold for both.
    private static ReceiptSample Join(ReceiptSample earlier, ReceiptSample later) =>
        later with { InFlightBytes = Math.Max(earlier.InFlightBytes, later.InFlightBytes) };

    // The kernel adds a counter up over its processors as it is read, and may find a little less than before.
    private static long? StallMs(long? beforeUs, long? afterUs) =>
        afterUs - beforeUs is { } elapsedUs ? Math.Max(0, elapsedUs) / 1000 : null;
}
