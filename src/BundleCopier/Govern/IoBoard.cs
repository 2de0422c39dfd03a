using BundleCopier.Faults;

namespace BundleCopier.Govern;

/// <summary>
/// What the governor, the supervisor and the workers of one copy share: the limits that hold now, the writes in
/// flight, the rate, and whether the copy ends early. The governor sets the limits; each writer reads them right before
/// each write. Safe on any thread.
/// </summary>
/// <param name="first">The limits to begin with.</param>
/// <param name="ceilingRateBytes">The rate that is never exceeded, in bytes a second; null for none.</param>
/// <param name="startUs">The time, in microseconds.</param>
internal sealed class IoBoard(IoLimits first, long? ceilingRateBytes, long startUs)
{
    private readonly Lock gate = new();
    private readonly RateGate rate = new(ceilingRateBytes);
    private volatile IoLimits limits = first;
    private volatile Fault? stopCause;
    private int inFlight;

    /// <summary>The limits that hold now.</summary>
    public IoLimits Limits => limits;

    /// <summary>What the writes since the last look were like.</summary>
    public WriteStats Stats { get; } = new(first, startUs);

    /// <summary>Writes in flight, of all writers.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>The rate that writes have at most now, in bytes a second; null for no limit.</summary>
    public long? RateBytes => limits.RateBytes is { } governed
        ? Math.Min(governed, ceilingRateBytes ?? long.MaxValue)
        : ceilingRateBytes;

    /// <summary>The rate that is never exceeded, in bytes a second; null for none.</summary>
    public long? CeilingRateBytes => ceilingRateBytes;

    /// <summary>
    /// Why the copy ends early; null while it goes on. Once it is set, workers begin no job and no write, and hand on
    /// what they have at once.
    /// </summary>
    public Fault? StopCause => stopCause;

    /// <summary>Ends the work of all workers early; the first cause stays.</summary>
    public void Stop(Fault cause)
    {
        lock (gate)
            stopCause ??= cause;
    }

    /// <summary>Sets other limits.</summary>
    public void Set(IoLimits to)
    {
        lock (gate)
        {
            limits = to;
            rate.LimitTo(to.RateBytes);
        }

        Stats.LimitsChanged(to);
    }

    /// <summary>Takes one of the places for writes in flight. A writer without any gets one in every case.</summary>
    /// <param name="own">Writes that the writer has in flight.</param>
    public bool TryBegin(int own)
    {
        if (Interlocked.Increment(ref inFlight) <= limits.Pieces || own == 0)
            return true;
        Interlocked.Decrement(ref inFlight);
        return false;
    }

    /// <summary>Gives the places of ended writes back.</summary>
    public void End(int writes) => Interlocked.Add(ref inFlight, -writes);

    /// <summary>True when the rate allows a write now.</summary>
    /// <param name="bytes">How much it writes.</param>
    /// <param name="nowMs">The time, in milliseconds.</param>
    /// <param name="waitMs">When not: how long to wait before asking again.</param>
    public bool TryPass(long bytes, long nowMs, out long waitMs)
    {
        lock (gate)
            return rate.TryPass(bytes, nowMs, out waitMs);
    }
}
