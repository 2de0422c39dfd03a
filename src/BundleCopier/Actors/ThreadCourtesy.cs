using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Actors;

/// <summary>
/// Lowers the priority of the threads that do a copy's work. Not of the supervisor's thread: a new thread inherits the
/// priority of the thread that starts it (clone(2)), and the supervisor's messages can start threads that the whole
/// process shares. Workers send messages to the supervisor and to each other only.
/// </summary>
internal static class ThreadCourtesy
{
    /// <summary>
    /// Lowers the calling thread to what the settings say, and blocks SIGXFSZ on it. Only a thread of the copy's own: a
    /// shared thread would keep the low priority for other work, and an unprivileged process cannot raise it again.
    /// </summary>
    public static void Show(IKernel kernel, CopySettings settings)
    {
        if (WorkThread.Current is null)
            return;
        _ = kernel.BlockSizeLimitSignal();
        // If the kernel refuses, other programs may be slowed down; the copy works all the same.
        if (kernel.ReadThreadClass(out ThreadClass own).IsOk)
            _ = kernel.SetThreadClass(own.AtMost(Of(settings)));
    }

    /// <summary>The most that a copy's thread shall ask for.</summary>
    public static ThreadClass Of(CopySettings settings) => new(
        settings.Scheduling switch
        {
            CpuScheduling.Idle => SCHED_IDLE,
            CpuScheduling.Batch => SCHED_BATCH,
            _ => SCHED_OTHER, // also for auto: the governor changes it when needed
        },
        settings.Nice > 0 ? settings.Nice : ThreadClass.HighestNice,
        settings.IoPriority switch
        {
            IoPriority.Idle => ThreadClass.IdleIo,
            IoPriority.Low => ThreadClass.LowIo,
            _ => 0,
        });
}
