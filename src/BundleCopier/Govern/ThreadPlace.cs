using BundleCopier.Native;
using BundleCopier.Supervise;
using static Tmds.Linux.LibC;

namespace BundleCopier.Govern;

/// <summary>
/// The place of a worker's own thread among others: its usual one, or behind everybody (SCHED_IDLE, sched(7)). Where the kernel would not
/// let it back from there, or does not tell whether it starves there, it only stops interrupting others (SCHED_BATCH): between busy
/// processors it would starve for good.
/// </summary>
internal sealed class ThreadPlace(IKernel kernel, WorkingThreads threads)
{
    // The thread's, and not the worker's: workers may have one together.
    [ThreadStatic]
    private static ThreadClass usual;

    [ThreadStatic]
    private static bool isLowered;

    [ThreadStatic]
    private static bool isAsked;

    [ThreadStatic]
    private static bool isWatched;

    /// <summary>Takes that place from now on; the calling thread's.</summary>
    public void Take(bool lowered)
    {
        // A thread that others share would go on with their work at the same low priority.
        if (!OwnThreadDispatcher.IsOwnThread)
            return;
        bool isTold = TryWatch();
        // An order may be older than the governor's last word.
        lowered &= threads.MayStepBack;
        if (lowered == isLowered)
            return;
        isLowered = lowered;
        if (!lowered)
            _ = kernel.SetThreadClass(usual);
        // A real-time class was chosen by somebody who knows why.
        else if (kernel.ReadThreadClass(out usual).IsOk && (usual.Policy == SCHED_OTHER || usual.Policy == SCHED_BATCH))
            _ = kernel.SetThreadClass(usual with { Policy = isTold && kernel.MayRaiseThreads ? SCHED_IDLE : SCHED_BATCH });
    }

    // Once: a kernel that does not tell never will.
    private bool TryWatch()
    {
        if (isAsked)
            return isWatched;
        isAsked = true;
        if (kernel.OpenThreadClock() is not { } clock)
            return false;
        threads.Enter(clock);
        return isWatched = true;
    }
}
