using BundleCopier.Native;

namespace BundleCopier.Govern;

/// <summary>What the governor is told every tenth of a second.</summary>
/// <param name="Seen">The copy's writes since the last tick.</param>
/// <param name="Threads">Processor time that the copying threads got and waited for since the last tick.</param>
/// <param name="Before">The machine at the last tick.</param>
/// <param name="Host">The machine now.</param>
internal readonly record struct GovernorTick(
    WritesSeen Seen, ProcessorTime Threads, HostReading Before, HostReading Host)
{
    /// <summary>The time since the last tick, in microseconds.</summary>
    public long ElapsedUs => Seen.ElapsedUs;

    /// <summary>
    /// The share of the time in which some task of the machine waited for memory; 0 where the kernel does not tell.
    /// </summary>
    public double MemoryStall => Share(Before.MemorySomeUs, Host.MemorySomeUs) ?? 0;

    /// <summary>
    /// The share of the time in which some task, the copy included, waited for a disk; null where the kernel does not
    /// tell.
    /// </summary>
    public double? IoStall => Share(Before.IoSomeUs, Host.IoSomeUs);

    /// <summary>
    /// The share of the time in which some task waited for a disk while the copy did not. The copy's own writes count
    /// as waits, too, and are subtracted.
    /// </summary>
    public double OthersIoStall =>
        Math.Max(0, (IoStall ?? 0) - Math.Min(1, Seen.Count * Seen.MedianUs / (double)Math.Max(ElapsedUs, 1)));

    /// <summary>What was written a second, in bytes.</summary>
    public double RateBytes => Seen.WrittenBytes * 1e6 / Math.Max(ElapsedUs, 1);

    private double? Share(long? beforeUs, long? afterUs) => (afterUs - beforeUs) / (double)Math.Max(ElapsedUs, 1);
}
