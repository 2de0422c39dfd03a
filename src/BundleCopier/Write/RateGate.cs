namespace BundleCopier.Write;

/// <summary>
/// Lets so many bytes a second through, with a short burst for what was held up by scheduling. Pure: time is given.
/// </summary>
internal sealed class RateGate(long? bytesPerSecond)
{
    private const double BurstMs = 50;

    private double openAtMs = double.MinValue;

    /// <summary>True when a write may begin now.</summary>
    /// <param name="bytes">How much it writes.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="waitMs">How long to wait before asking again.</param>
    public bool TryPass(long bytes, long nowMs, out long waitMs)
    {
        waitMs = 0;
        if (bytesPerSecond is not { } rate)
            return true;
        if (openAtMs > nowMs)
        {
            waitMs = Math.Max(1, (long)Math.Ceiling(openAtMs - nowMs));
            return false;
        }

        openAtMs = Math.Max(openAtMs, nowMs - BurstMs) + (bytes * 1000.0 / rate);
        return true;
    }
}
