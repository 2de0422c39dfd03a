using System.Runtime.CompilerServices;
using static Tmds.Linux.LibC;

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

/// <summary>
/// One thread's line in <c>/proc</c>: time on a processor, time waiting for one, both in nanoseconds, and how often it got one (the kernel's
/// scheduler/sched-stats.rst). A wait is counted when it is over, so that it comes in leaps.
/// </summary>
internal sealed class LinuxThreadClock : IThreadClock
{
    // Three numbers of at most 20 digits.
    private const int BufferBytes = 64;
    private const int NanosecondsAMicrosecond = 1000;

    private readonly FileHandle handle;

    private LinuxThreadClock(FileHandle handle) => this.handle = handle;

    /// <summary>The calling thread's; null where the kernel does not tell.</summary>
    public static LinuxThreadClock? OfThisThread()
    {
        if (!Calls.OpenAt(AT_FDCWD, "/proc/thread-self/schedstat", O_RDONLY).Try(out FileHandle? opened, out _))
            return null;
        LinuxThreadClock clock = new(opened);
        if (clock.Read(out _, out long turns) && turns > 0)
            return clock;
        clock.Dispose();
        return null;
    }

    public ProcessorTime? Read() => Read(out ProcessorTime time, out _) ? time : null;

    public void Dispose() => handle.Dispose();

    // A kernel that does not count says "0 0 0", and who runs has had a turn. Its time may still be nothing: it is not brought up to date for who asks.
    [SkipLocalsInit]
    private unsafe bool Read(out ProcessorTime time, out long turns)
    {
        (time, turns) = (default, 0);
        byte* buffer = stackalloc byte[BufferBytes];
        // ESRCH once the thread has ended.
        long bytes = Calls.Read(handle, (nint)buffer, BufferBytes, 0).Value;
        ReadOnlySpan<byte> text = new(buffer, (int)Math.Max(bytes, 0));
        if (!ProcText.TryTakeNumber(ref text, out long ranNs) || !ProcText.TryTakeNumber(ref text, out long waitedNs) || !ProcText.TryTakeNumber(ref text, out turns))
            return false;
        time = new ProcessorTime(ranNs / NanosecondsAMicrosecond, waitedNs / NanosecondsAMicrosecond);
        return true;
    }
}
