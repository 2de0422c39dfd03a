namespace BundleCopier.Settings;

/// <summary>How the kernel's scheduler treats the threads of a copy (sched(7)).</summary>
public enum CpuScheduling
{
    /// <summary>SCHED_IDLE, as long as the copy gets on.</summary>
    Auto,

    /// <summary>As the program was started.</summary>
    Keep,

    /// <summary>SCHED_BATCH: they get their share, and do not interrupt other threads when they wake up.</summary>
    Batch,

    /// <summary>SCHED_IDLE: they get only time that no other thread wants.</summary>
    Idle,
}
