using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>What those who look at the machine tell the supervisor.</summary>
internal static class GovernProtocol
{
    /// <summary>How the machine is doing, every <see cref="GovernorActor.IntervalMs"/>. Answered with <see cref="WritesSeen"/>.</summary>
    public sealed record HostRead(HostReading Reading, long PageTableBytes);

    /// <summary>What the copy's own writes were like since the last time.</summary>
    /// <param name="ElapsedUs">The time since then.</param>
    /// <param name="Count">Pieces whose latency counts: those under the dials that are set. 0 where there are too few.</param>
    /// <param name="MedianUs">Their median latency.</param>
    /// <param name="WrittenBytes">All that was written.</param>
    public sealed record WritesSeen(long ElapsedUs, int Count, long MedianUs, long WrittenBytes);

    /// <summary>Set the dials like this.</summary>
    public sealed record DialsTurned(IoLimits IoLimits, GovernorFigures Figures);

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
