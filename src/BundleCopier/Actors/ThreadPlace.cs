using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>The scheduling class of one thread; the actors of the thread share it.</summary>
internal sealed class ThreadStanding
{
    /// <summary>The class that the thread had before it stepped back.</summary>
    public ThreadClass Usual { get; set; }

    public bool IsBehind { get; set; }

    /// <summary>The kernel tells what the thread gets of the processors; null before it was asked.</summary>
    public bool? IsWatched { get; set; }
}

/// <summary>
/// Moves a worker's own thread to the place that the governor wants: its usual one, or behind all others (SCHED_IDLE,
/// sched(7)). In three cases the thread only stops interrupting others (SCHED_BATCH). Where the kernel would not let it
/// come back, or does not tell whether it starves: between busy processors it would starve for good. And in an
/// application that embeds the engine: before a garbage collection the runtime stops each managed thread, and one under
/// SCHED_IDLE can take seconds to get there (measured: 2 s for GC.Collect(0) between four busy threads on two
/// processors).
/// </summary>
/// <param name="kernel">Sets the class.</param>
/// <param name="threads">The threads of the copy.</param>
/// <param name="ownsProcess">The process does nothing but copy.</param>
internal sealed class ThreadPlace(IKernel kernel, WorkerThreads threads, bool ownsProcess)
{
    /// <summary>Moves the calling thread, if the governor's wish has changed.</summary>
    public void Take()
    {
        // A shared thread would do the work of others at the same low priority.
        if (WorkThread.Current is not { } thread)
            return;
        ThreadStanding standing = thread.Standing;
        standing.IsWatched ??= TryWatch();
        bool stepsBack = threads.StepBack;
        if (stepsBack == standing.IsBehind)
            return;
        standing.IsBehind = stepsBack;
        if (!stepsBack)
        {
            _ = kernel.SetThreadClass(standing.Usual);
        }
        else if (kernel.ReadThreadClass(out ThreadClass usual).IsOk)
        {
            standing.Usual = usual;
            if (usual.MayStepBack)
                _ = kernel.SetThreadClass(usual.SteppedBack(
                    mayIdle: ownsProcess && standing.IsWatched.Value && kernel.MayRaiseThreads));
        }
    }

    private bool TryWatch()
    {
        if (kernel.OpenThreadClock() is not { } clock)
            return false;
        threads.Enter(clock);
        return true;
    }
}
