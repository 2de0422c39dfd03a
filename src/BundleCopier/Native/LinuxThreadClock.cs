using System.Runtime.CompilerServices;

namespace BundleCopier.Native;

/// <summary>
/// Reads a thread's <c>schedstat</c> below <c>/proc</c>: time on a processor and time waiting for one, in
/// nanoseconds, and how often it got a processor (the kernel's scheduler/sched-stats.rst). The kernel adds a wait
/// when it ends, so the time of a long wait appears at once.
/// </summary>
internal sealed class LinuxThreadClock : IThreadClock
{
    // Three numbers of at most 20 digits.
    private const int BufferBytes = 64;
    private const int NsPerUs = 1000;

    private readonly ProcFile file;

    private LinuxThreadClock(ProcFile file) => this.file = file;

    /// <summary>The calling thread's clock; null where the kernel does not count the times.</summary>
    public static LinuxThreadClock? OfThisThread()
    {
        if (ProcFile.Open("/proc/thread-self/schedstat") is not { } opened)
            return null;
        LinuxThreadClock clock = new(opened);
        // A kernel that does not count them says "0 0 0". The running thread got a processor at least once, so its
        // count is more than 0 elsewhere; its time may still be 0, because the kernel updates it later.
        if (clock.Read(out _, out long timesRun) && timesRun > 0)
            return clock;
        clock.Dispose();
        return null;
    }

    public ProcessorTime? Read() => Read(out ProcessorTime time, out _) ? time : null;

    public void Dispose() => file.Dispose();

    [SkipLocalsInit]
    private bool Read(out ProcessorTime time, out long timesRun)
    {
        (time, timesRun) = (default, 0);
        Span<byte> buffer = stackalloc byte[BufferBytes];
        ReadOnlySpan<byte> text = file.Read(buffer);
        if (!ProcText.TryTakeNumber(ref text, out long ranNs)
            || !ProcText.TryTakeNumber(ref text, out long waitedNs)
            || !ProcText.TryTakeNumber(ref text, out timesRun))
        {
            return false;
        }

        time = new ProcessorTime(ranNs / NsPerUs, waitedNs / NsPerUs);
        return true;
    }
}
