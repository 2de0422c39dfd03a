using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Actors;

/// <summary>
/// Lets the threads that do a copy's work step back behind everybody else's. Not the supervisor's own: a thread
/// inherits from the one that starts it (clone(2)), and it is the supervisor who hires and answers, for which threads
/// may be started that all share. Workers tell the supervisor and nobody else.
/// </summary>
internal static class ThreadCourtesy
{
    /// <summary>
    /// Lowers the calling thread to what the settings say. Only where it is an actor's own: others would go on with a
    /// shared one at the same low priority, and without privileges nobody can raise it again.
    /// </summary>
    public static void Show(IKernel kernel, CopySettings settings)
    {
        // A kernel that refuses costs the neighbours something, and the copy nothing.
        if (WorkThread.Current is not null && kernel.ReadThreadClass(out ThreadClass own).IsOk)
            _ = kernel.SetThreadClass(own.AtMost(Of(settings)));
    }

    /// <summary>The most that a copy's thread shall ask for.</summary>
    public static ThreadClass Of(CopySettings settings) => new(
        settings.Scheduling switch
        {
            CpuScheduling.Idle => SCHED_IDLE,
            CpuScheduling.Batch => SCHED_BATCH,
            _ => SCHED_OTHER, // auto as well: the governor says when to choose otherwise, and when no longer
        },
        settings.Nice > 0 ? settings.Nice : ThreadClass.HighestNice,
        settings.IoPriority switch
        {
            IoPriority.Idle => ThreadClass.IdleIo,
            IoPriority.Low => ThreadClass.LowIo,
            _ => 0,
        });
}
