namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A filesystem that stops answering at some call: this call and all later ones of the filesystem hang, until it
/// answers again. Where it never does, it answers after the copy is over.
/// </summary>
/// <param name="op">The kind of the call.</param>
/// <param name="nth">Which of them.</param>
/// <param name="isOfDestination">The destination hangs; otherwise all sources that are not in memory.</param>
/// <param name="forMs">How long it hangs.</param>
internal sealed class SimHang(SimOp op, int nth, bool isOfDestination, long forMs = long.MaxValue)
{
    private int count;
    private bool isThawed;
    private long? frozenMs;

    /// <summary>Whether any call has hung.</summary>
    public bool HasStruck => frozenMs is not null;

    public bool IsOfDestination => isOfDestination;

    /// <summary>The filesystem does not answer now.</summary>
    public bool IsFrozen => HasStruck && !isThawed;

    /// <summary>Whether a call hangs.</summary>
    public bool Catches(SimKernel kernel, SimOp called, string name)
    {
        if (isThawed || !Covers(kernel, name))
            return false;
        if (called == op && ++count == nth)
            frozenMs ??= kernel.MonotonicMs;
        return IsFrozen;
    }

    /// <summary>Answers again, if it is time.</summary>
    public void Look(long nowMs) => isThawed |= frozenMs is { } since && nowMs - since >= forMs;

    /// <summary>Answers again.</summary>
    public void Thaw() => isThawed = true;

    private bool Covers(SimKernel kernel, string name) => isOfDestination
        ? name.StartsWith(SimKernel.DestinationPath, StringComparison.Ordinal)
        : kernel.Sources.TryGetValue(name, out SimSource? source) && !source.Traits.IsShared;
}
