using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// What a thread asks of processor and disk, in the kernel's numbers. On Linux each of the three is a thread's, not a process's
/// (sched(7), setpriority(2), ioprio_set(2)).
/// </summary>
/// <param name="Policy">SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, or one of the real-time ones.</param>
/// <param name="Nice">-20 to 19.</param>
/// <param name="IoPriority">Class and level; 0 where the kernel makes one out of policy and nice value.</param>
internal readonly record struct ThreadClass(int Policy, int Nice, int IoPriority)
{
    public const int HighestNice = -20;

    /// <summary>
    /// It is one of those that all have by turns, so that stepping back behind everybody is a courtesy. A real-time class was chosen by somebody who knows why.
    /// </summary>
    public bool MayStepBack => Policy == SCHED_OTHER || Policy == SCHED_BATCH;

    /// <summary>The last level of the class that all have (best-effort).</summary>
    public static int LowIo => (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | IOPRIO_LAST_LEVEL;

    // ioprio_set(2): best-effort, level (nice + 20) / 5
    private static int UsualIo(int nice) => (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | ((nice + 20) / 5);

    /// <summary>Only what nobody else wants.</summary>
    public static int IdleIo => IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT;

    /// <summary>The humbler of two in each respect, so that nothing is asked that needs a privilege, and nobody's <c>nice</c> is undone.</summary>
    public ThreadClass AtMost(ThreadClass most) => new(
        Humility(most.Policy) > Humility(Policy) ? most.Policy : Policy,
        Math.Max(Nice, most.Nice),
        // A higher number is less, in class and in level, and none at all is the highest.
        Math.Max(IoPriority, most.IoPriority));

    /// <summary>The same behind everybody: it gets what processor time nobody else wants, or, where it would not come back from there, only interrupts nobody.</summary>
    public ThreadClass SteppedBack(bool comesBack) => this with { Policy = comesBack ? SCHED_IDLE : SCHED_BATCH };

    /// <summary>The calling thread's.</summary>
    public static IoResult OfThisThread(out ThreadClass found)
    {
        int policy = LibcExtra.sched_getscheduler(0);
        int error = policy < 0 ? Marshal.GetLastPInvokeError() : 0;
        int nice = getpriority(PRIO_PROCESS, 0);
        // getpriority(2): -1 is a nice value as well, so only errno tells.
        int niceError = nice == -1 ? Marshal.GetLastPInvokeError() : 0;
        // A kernel without I/O priorities still has the other two.
        int ioPriority = Math.Max((int)ioprio(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0, 0), 0);
        found = new ThreadClass(policy & ~SCHED_RESET_ON_FORK, nice, ioPriority);
        error = error != 0 ? error : niceError;
        return error != 0 ? IoResult.Failed(error) : IoResult.Done;
    }

    /// <summary>Makes it the calling thread's: all of it that the kernel allows. The result is the first refusal.</summary>
    public unsafe IoResult Apply()
    {
        int noPriority = 0; // struct sched_param: what every policy takes that is not real-time
        IoResult policy = IsRealTime ? IoResult.Done : Told(sched_setscheduler(0, Policy, &noPriority));
        IoResult nice = Told(setpriority(PRIO_PROCESS, 0, Nice));
        // Where none is set the kernel makes one out of the policy, and of SCHED_IDLE the idle class, which starves on a busy disk (measured):
        // whoever steps back from processors keeps the place at the disk that the nice value gives.
        int ioPriority = IoPriority == 0 && Policy == SCHED_IDLE ? UsualIo(Nice) : IoPriority;
        IoResult io = ioPriority == 0 ? IoResult.Done : Told(ioprio(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, ioPriority));
        return !policy.IsOk ? policy : !nice.IsOk ? nice : io;
    }

    private bool IsRealTime => Humility(Policy) == 0 && Policy != SCHED_OTHER;

    private static int Humility(int policy) => policy == SCHED_IDLE ? 2 : policy == SCHED_BATCH ? 1 : 0;

    private static IoResult Told(nint answer) => answer < 0 ? IoResult.Failed(Marshal.GetLastPInvokeError()) : IoResult.Done;
}
