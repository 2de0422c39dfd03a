namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>How much memory to take, a step at a time, until little is left.</summary>
/// <param name="KeepFreeBytes">What is to be left.</param>
/// <param name="FloorBytes">With less than this, the machine is no longer safe.</param>
public sealed record FillPlan(long KeepFreeBytes, long FloorBytes)
{
    /// <summary>The most that is taken between two looks: a machine that gets slow must not be run over.</summary>
    public const long StepBytes = 256 << 20;

    // Whatever else is there takes and gives a little all the time.
    private const long ToleranceBytes = 16 << 20;

    /// <summary>How much to take now, or to give back where it is negative; 0: it is as it should be.</summary>
    /// <param name="availableBytes">The machine's MemAvailable.</param>
    /// <param name="takenBytes">What was taken so far.</param>
    public long Next(long availableBytes, long takenBytes)
    {
        long excess = availableBytes - KeepFreeBytes;
        return Math.Abs(excess) <= ToleranceBytes ? 0 : Math.Clamp(excess, -takenBytes, StepBytes);
    }

    /// <summary>Whether so little is left that somebody else is taking memory too.</summary>
    public bool IsUnsafe(long availableBytes) => availableBytes < FloorBytes;

    /// <summary>Why it cannot work on a machine, or null. The source is not there yet when this is asked.</summary>
    /// <param name="availableBytes">The machine's MemAvailable.</param>
    /// <param name="sourceBytes">How large the source will be.</param>
    /// <param name="roomBytes">What the tmpfs still takes.</param>
    public string? Obstacle(long availableBytes, long sourceBytes, long roomBytes)
    {
        if (availableBytes < sourceBytes + KeepFreeBytes)
            return $"{availableBytes >> 20} MiB of memory are available, and the source and what is to be left need {(sourceBytes + KeepFreeBytes) >> 20}";
        if (roomBytes < availableBytes - KeepFreeBytes)
            return $"the tmpfs takes {roomBytes >> 20} MiB, and {(availableBytes - KeepFreeBytes) >> 20} are to be filled";
        return null;
    }
}
