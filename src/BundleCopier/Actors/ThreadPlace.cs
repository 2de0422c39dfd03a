using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// The place of a worker's own thread among others: its usual one, or behind everybody (SCHED_IDLE, sched(7)). Where the kernel would not
/// let it back from there, or does not tell whether it starves there, it only stops interrupting others (SCHED_BATCH): between busy
/// processors it would starve for good.
/// </summary>
internal sealed class ThreadPlace(IKernel kernel, WorkerThreads threads)
{
    // The thread's, and not the worker's: workers may have one together.
    [ThreadStatic]
    private static ThreadClass usual;

    [ThreadStatic]
    private static bool isBehind;

    // Null before it was asked for: a kernel that does not tell never will.
    [ThreadStatic]
    private static bool? isWatched;

    /// <summary>Takes the place that the governor's last word gives to the calling thread.</summary>
    public void Take()
    {
        // A thread that others share would go on with their work at the same low priority.
        if (!OwnThreadDispatcher.IsOwnThread)
            return;
        isWatched ??= TryWatch();
        bool stepsBack = threads.StepBack;
        if (stepsBack == isBehind)
            return;
        isBehind = stepsBack;
        if (!stepsBack)
            _ = kernel.SetThreadClass(usual);
        else if (kernel.ReadThreadClass(out usual).IsOk && usual.MayStepBack)
            _ = kernel.SetThreadClass(usual.SteppedBack(comesBack: isWatched.Value && kernel.MayRaiseThreads));
    }

    private bool TryWatch()
    {
        if (kernel.OpenThreadClock() is not { } clock)
            return false;
        threads.Enter(clock);
        return true;
    }
}
