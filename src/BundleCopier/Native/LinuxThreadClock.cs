using System.Runtime.CompilerServices;

namespace BundleCopier.Native;

/// <summary>
/// One thread's line in <c>/proc</c>: time on a processor, time waiting for one, both in nanoseconds, and how often it got one (the kernel's
/// scheduler/sched-stats.rst). A wait is counted when it is over, so that it comes in leaps.
/// </summary>
internal sealed class LinuxThreadClock : IThreadClock
{
    // Three numbers of at most 20 digits.
    private const int BufferBytes = 64;
    private const int NanosecondsAMicrosecond = 1000;

    private readonly ProcFile file;

    private LinuxThreadClock(ProcFile file) => this.file = file;

    /// <summary>The calling thread's; null where the kernel does not tell.</summary>
    public static LinuxThreadClock? OfThisThread()
    {
        if (ProcFile.Open("/proc/thread-self/schedstat") is not { } opened)
            return null;
        LinuxThreadClock clock = new(opened);
        if (clock.Read(out _, out long turns) && turns > 0)
            return clock;
        clock.Dispose();
        return null;
    }

    public ProcessorTime? Read() => Read(out ProcessorTime time, out _) ? time : null;

    public void Dispose() => file.Dispose();

    // A kernel that does not count says "0 0 0", and who runs has had a turn. Its time may still be nothing: it is not brought up to date for who asks.
    [SkipLocalsInit]
    private bool Read(out ProcessorTime time, out long turns)
    {
        (time, turns) = (default, 0);
        Span<byte> buffer = stackalloc byte[BufferBytes];
        ReadOnlySpan<byte> text = file.Read(buffer);
        if (!ProcText.TryTakeNumber(ref text, out long ranNs) || !ProcText.TryTakeNumber(ref text, out long waitedNs) || !ProcText.TryTakeNumber(ref text, out turns))
            return false;
        time = new ProcessorTime(ranNs / NanosecondsAMicrosecond, waitedNs / NanosecondsAMicrosecond);
        return true;
    }
}
