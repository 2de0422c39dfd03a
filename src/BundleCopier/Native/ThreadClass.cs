using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A thread's scheduling policy, nice value and I/O priority, in the kernel's numbers. On Linux each thread has its
/// own (sched(7), setpriority(2), ioprio_set(2)).
/// </summary>
/// <param name="Policy">SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, or a real-time policy.</param>
/// <param name="Nice">-20 to 19.</param>
/// <param name="IoPriority">Class and level; 0 where the kernel derives them from policy and nice value.</param>
internal readonly record struct ThreadClass(int Policy, int Nice, int IoPriority)
{
    public const int HighestNice = -20;

    /// <summary>
    /// True for the policies that share the processors among all threads. A thread with a real-time policy keeps it:
    /// the user chose it on purpose.
    /// </summary>
    public bool MayStepBack => Policy == SCHED_OTHER || Policy == SCHED_BATCH;

    /// <summary>The lowest level of the default class (best-effort).</summary>
    public static int LowIo => (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | IOPRIO_MAX_LEVEL;

    // The kernel's default (ioprio_set(2)): best-effort, level (nice + 20) / 5
    private static int DefaultIo(int nice) => (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | ((nice + 20) / 5);

    /// <summary>The idle class: the disk only while no other thread uses it.</summary>
    public static int IdleIo => IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT;

    /// <summary>
    /// The lower priority of both, separately for policy, nice value and I/O. So it never needs a privilege, and
    /// never undoes a nice value that the user has set.
    /// </summary>
    public ThreadClass AtMost(ThreadClass max) => new(
        LowRank(max.Policy) > LowRank(Policy) ? max.Policy : Policy,
        Math.Max(Nice, max.Nice),
        // A higher number is a lower priority, in class and in level; 0 (none is set) counts as the highest.
        Math.Max(IoPriority, max.IoPriority));

    /// <summary>
    /// The same with a lower policy: SCHED_IDLE, or SCHED_BATCH where the thread must not idle.
    /// With SCHED_IDLE it gets only processor time that no other thread wants; with SCHED_BATCH it does not preempt
    /// another thread when it wakes up.
    /// </summary>
    public ThreadClass SteppedBack(bool mayIdle) => this with { Policy = mayIdle ? SCHED_IDLE : SCHED_BATCH };

    /// <summary>Reads the calling thread's class.</summary>
    public static IoResult OfThisThread(out ThreadClass found)
    {
        int policy = LibcExtra.sched_getscheduler(0);
        int error = policy < 0 ? Marshal.GetLastPInvokeError() : 0;
        int nice = getpriority(PRIO_PROCESS, 0);
        // -1 may also be the nice value; only errno tells (getpriority(2)).
        int niceError = nice == -1 ? Marshal.GetLastPInvokeError() : 0;
        // 0 on a kernel without I/O priorities; policy and nice value are still valid.
        int ioPriority = Math.Max((int)ioprio(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0, 0), 0);
        found = new ThreadClass(policy & ~SCHED_RESET_ON_FORK, nice, ioPriority);
        error = error != 0 ? error : niceError;
        return error != 0 ? IoResult.Failed(error) : IoResult.Done;
    }

    /// <summary>
    /// Gives the calling thread this class, as far as the kernel allows. The result is the first of the kernel's
    /// errors.
    /// </summary>
    public unsafe IoResult Apply()
    {
        int noPriority = 0; // struct sched_param: 0 for every policy that is not real-time
        IoResult policy = IsRealTime ? IoResult.Done : Result(sched_setscheduler(0, Policy, &noPriority));
        IoResult nice = Result(setpriority(PRIO_PROCESS, 0, Nice));
        // Without an I/O priority, the kernel derives the idle class from SCHED_IDLE, and such a thread starves on a
        // busy disk (measured). So set the priority that the nice value alone would give.
        int ioPriority = IoPriority == 0 && Policy == SCHED_IDLE ? DefaultIo(Nice) : IoPriority;
        IoResult io = ioPriority == 0
            ? IoResult.Done
            : Result(ioprio(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, ioPriority));
        return !policy.IsOk ? policy : !nice.IsOk ? nice : io;
    }

    private bool IsRealTime => LowRank(Policy) == 0 && Policy != SCHED_OTHER;

    // A higher rank is a lower priority.
    private static int LowRank(int policy) => policy == SCHED_IDLE ? 2 : policy == SCHED_BATCH ? 1 : 0;

    private static IoResult Result(nint returned) =>
        returned < 0 ? IoResult.Failed(Marshal.GetLastPInvokeError()) : IoResult.Done;
}
