namespace BundleCopier.Govern;

/// <summary>
/// Lets so many bytes a second through, with a short burst for what was held up by scheduling. Pure: time is given.
/// </summary>
internal sealed class RateGate(long? ceilingBytes)
{
    private const double BurstMs = 50;

    private double openAtMs = double.MinValue;
    private long? limitBytes;

    /// <summary>Sets another rate, below the ceiling that there may be.</summary>
    /// <param name="wantedBytes">Bytes a second; null for no limit but the ceiling.</param>
    public void LimitTo(long? wantedBytes) => limitBytes = wantedBytes;

    /// <summary>True when a write may begin now.</summary>
    /// <param name="bytes">How much it writes.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="waitMs">How long to wait before asking again.</param>
    public bool TryPass(long bytes, long nowMs, out long waitMs)
    {
        waitMs = 0;
        if (Lower(limitBytes, ceilingBytes) is not { } rate)
            return true;
        if (openAtMs > nowMs)
        {
            waitMs = Math.Max(1, (long)Math.Ceiling(openAtMs - nowMs));
            return false;
        }

        openAtMs = Math.Max(openAtMs, nowMs - BurstMs) + (bytes * 1000.0 / rate);
        return true;
    }

    private static long? Lower(long? one, long? other) => one is null || other < one ? other : one;
}
