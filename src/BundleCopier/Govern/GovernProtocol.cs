using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>What the governor and the canary tell the supervisor.</summary>
internal static class GovernProtocol
{
    /// <summary>How the machine is doing, every <see cref="GovernorActor.IntervalMs"/>.</summary>
    public sealed record HostRead(HostReading Reading, long PageTableBytes);

    /// <summary>Other limits hold from now on; they stand on the <see cref="IoBoard"/>.</summary>
    public sealed record LimitsChanged(GovernorFigures Figures);

    /// <summary>The canary has seen what it is like without the copy, or never will: the copy may begin.</summary>
    public sealed record CanaryReady
    {
        public static CanaryReady Instance { get; } = new();
    }

    /// <summary>What the canary has measured so far.</summary>
    public sealed record CanaryRead(ReceiptCanary Figures);

    /// <summary>To an actor itself: the time has come.</summary>
    public sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }
}
