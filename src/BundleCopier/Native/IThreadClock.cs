namespace BundleCopier.Native;

/// <summary>What a thread, or some together, got of the processors so far.</summary>
/// <param name="RanUs">Time on a processor.</param>
/// <param name="WaitedUs">Time in which it could have run, and somebody else did.</param>
internal readonly record struct ProcessorTime(long RanUs, long WaitedUs)
{
    public static ProcessorTime operator +(ProcessorTime a, ProcessorTime b) => new(a.RanUs + b.RanUs, a.WaitedUs + b.WaitedUs);

    public static ProcessorTime operator -(ProcessorTime a, ProcessorTime b) => new(a.RanUs - b.RanUs, a.WaitedUs - b.WaitedUs);
}

/// <summary>Tells from outside what one thread got of the processors; see <see cref="LinuxThreadClock"/>.</summary>
internal interface IThreadClock : IDisposable
{
    /// <summary>All so far; null when the thread has ended.</summary>
    ProcessorTime? Read();
}
