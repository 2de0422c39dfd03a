namespace BundleCopier.Native;

/// <summary>The processor time of one thread, or the sum of several.</summary>
/// <param name="RanUs">The time that it ran on a processor.</param>
/// <param name="WaitedUs">The time that it was ready to run and waited for a processor.</param>
internal readonly record struct ProcessorTime(long RanUs, long WaitedUs)
{
    public static ProcessorTime operator +(ProcessorTime a, ProcessorTime b) =>
        new(a.RanUs + b.RanUs, a.WaitedUs + b.WaitedUs);

    public static ProcessorTime operator -(ProcessorTime a, ProcessorTime b) =>
        new(a.RanUs - b.RanUs, a.WaitedUs - b.WaitedUs);
}

/// <summary>Tells any thread the processor time of one thread; see <see cref="LinuxThreadClock"/>.</summary>
internal interface IThreadClock : IDisposable
{
    /// <summary>The processor time so far; null when the thread has ended.</summary>
    ProcessorTime? Read();
}
