using BundleCopier.Model;

namespace BundleCopier.Actors;

/// <summary>
/// Gives each <see cref="WorkThread"/> a thread of the operating system that sleeps when there is nothing to do. Akka's
/// PinnedDispatcher and the thread pool spin for a while first, in the hope of more: on two cores that took a quarter
/// of a copy's CPU time, from the neighbours (measured).
/// </summary>
/// <param name="reportFailure">
/// Told of what a turn threw; actors catch their own bugs, so this is a bug of ours.
/// </param>
internal sealed class OwnThreadHost(Action<Exception> reportFailure) : IThreadHost
{
    // What "top -H" shows; the kernel keeps 15 bytes of it.
    public const string ThreadName = "bundle-copier";

    public void Start(WorkThread work)
    {
        int shift = work.Shift;
        void RunOnOwn() => Run(work, shift, isOwn: true);
        if (KeptThreads.Current?.TryRun(RunOnOwn) == true || TryStart(RunOnOwn))
            return;
        // No more threads can be had (TasksMax, RLIMIT_NPROC, memory). The actor is registered by now, and an actor
        // that never runs could not even be stopped.
        ThreadPool.UnsafeQueueUserWorkItem(
            static run => run.Host.Run(run.Work, run.Shift, isOwn: false),
            (Host: this, Work: work, Shift: shift),
            preferLocal: false);
    }

    /// <summary>Starts a thread of a copy. False where no more threads can be had.</summary>
    public static bool TryStart(Action run)
    {
        // A thread that waits for a disk must not keep a process from ending.
        Thread thread = new(() => run(), ThreadStack.OptionalBytes)
        {
            IsBackground = true,
            Name = ThreadName,
        };
        try
        {
            thread.UnsafeStart();
            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }

    private void Run(WorkThread work, int shift, bool isOwn)
    {
        while (!work.TryEnd(shift))
        {
            try
            {
                if (!work.TakeTurn(isOwn) && !work.CanEnd && shift == work.Shift)
                    work.Signal.Wait();
            }
#pragma warning disable CA1031 // A bug may be anything.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                reportFailure(bug);
            }
        }
    }
}
