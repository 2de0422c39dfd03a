using Akka.Event;

namespace BundleCopier.Supervise;

/// <summary>
/// What the supervisor is told by others than scout, keeper, writers and governor. It may have stopped by then,
/// which is no fault to be logged.
/// </summary>
internal static class SupervisorProtocol
{
    /// <summary>Take no new work, commit what is there.</summary>
    public sealed record CancelCopy : IDeadLetterSuppression
    {
        public static CancelCopy Instance { get; } = new();
    }

    /// <summary>The deadline has passed: take no new work, commit what is there.</summary>
    public sealed record DeadlinePassed : IDeadLetterSuppression
    {
        public static DeadlinePassed Instance { get; } = new();
    }

    /// <summary>Time has passed: tell how far the copy is.</summary>
    public sealed record ReportProgress : IDeadLetterSuppression
    {
        public static ReportProgress Instance { get; } = new();
    }

    /// <summary>Time has passed: look for calls that hang.</summary>
    public sealed record LookForStalls : IDeadLetterSuppression
    {
        public static LookForStalls Instance { get; } = new();
    }

    /// <summary>Tell the copy's state in plain words.</summary>
    /// <param name="To">Gets the words, from the supervisor's thread.</param>
    public sealed record DescribeState(Action<string> To) : IDeadLetterSuppression;

    /// <summary>The canary died, or has taken too long: the copy begins without its first figures.</summary>
    public sealed record CanaryStopped : IDeadLetterSuppression
    {
        public static CanaryStopped Instance { get; } = new();
    }

    /// <summary>A reader, compressor or writer has stopped; nothing that it held is in use any more.</summary>
    public sealed record WorkerStopped(Akka.Actor.IActorRef Worker) : IDeadLetterSuppression;

    /// <summary>The scout or the keeper died, and with it the descriptors: the copy cannot go on.</summary>
    public sealed record OwnerStopped(string Role) : IDeadLetterSuppression;
}
