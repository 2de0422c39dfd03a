namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>Calculates how much memory to take in each step until little is left.</summary>
/// <param name="KeepFreeBytes">The memory that must stay available.</param>
/// <param name="FloorBytes">With less memory the machine is in danger.</param>
public sealed record FillPlan(long KeepFreeBytes, long FloorBytes)
{
    /// <summary>The largest step, so that a machine that becomes slow is noticed in time.</summary>
    public const long StepBytes = 256 << 20;

    // Other programs take and free a little memory all the time.
    private const long ToleranceBytes = 16 << 20;

    /// <summary>The bytes to take now; negative: to free; 0: done.</summary>
    /// <param name="availableBytes">The machine's MemAvailable.</param>
    /// <param name="takenBytes">The bytes taken so far.</param>
    public long Next(long availableBytes, long takenBytes)
    {
        long excess = availableBytes - KeepFreeBytes;
        return Math.Abs(excess) <= ToleranceBytes ? 0 : Math.Clamp(excess, -takenBytes, StepBytes);
    }

    /// <summary>Whether so little memory is left that another program must be taking memory, too.</summary>
    public bool IsUnsafe(long availableBytes) => availableBytes < FloorBytes;

    /// <summary>Why the plan cannot work on this machine, or null. The source does not exist yet.</summary>
    /// <param name="availableBytes">The machine's MemAvailable.</param>
    /// <param name="sourceBytes">The size of the future source.</param>
    /// <param name="roomBytes">The free space of the tmpfs.</param>
    public string? Obstacle(long availableBytes, long sourceBytes, long roomBytes)
    {
        if (availableBytes < sourceBytes + KeepFreeBytes)
        {
            long neededMiB = (sourceBytes + KeepFreeBytes) >> 20;
            return $"{availableBytes >> 20} MiB of memory are available; source and free memory need {neededMiB} MiB";
        }

        if (roomBytes < availableBytes - KeepFreeBytes)
        {
            long fillMiB = (availableBytes - KeepFreeBytes) >> 20;
            return $"the tmpfs has {roomBytes >> 20} MiB free; {fillMiB} MiB must be filled";
        }

        return null;
    }
}
