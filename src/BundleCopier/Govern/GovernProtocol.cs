using Akka.Event;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>
/// What the governor and the canary tell the supervisor. It may have stopped by then, which is no fault to be logged.
/// </summary>
internal static class GovernProtocol
{
    /// <summary>How the machine is doing, every <see cref="GovernorActor.IntervalMs"/>.</summary>
    public sealed record HostRead(HostReading Reading, long PageTableBytes) : IDeadLetterSuppression;

    /// <summary>Other limits hold from now on; they stand on the <see cref="IoBoard"/>.</summary>
    public sealed record LimitsChanged(GovernorFigures Figures) : IDeadLetterSuppression;

    /// <summary>The canary has seen what it is like without the copy, or never will: the copy may begin.</summary>
    public sealed record CanaryReady : IDeadLetterSuppression
    {
        public static CanaryReady Instance { get; } = new();
    }

    /// <summary>What the canary has measured so far.</summary>
    public sealed record CanaryRead(ReceiptCanary Figures) : IDeadLetterSuppression;

    /// <summary>To an actor itself: the time has come.</summary>
    public sealed record Tick : IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }
}
