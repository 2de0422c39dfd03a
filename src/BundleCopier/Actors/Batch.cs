using Akka.Actor;
using BundleCopier.Supervise;
using static BundleCopier.Plan.ScoutProtocol;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Actors;

/// <summary>
/// Orders, or answers to them, that travel as one message: where files are small, most of the time goes into waking up
/// whoever gets a message. Each order in it is worked on as if it had come alone, in its turn.
/// </summary>
/// <param name="Messages">At least two.</param>
internal sealed record Batch(object[] Messages) : INoSerializationVerificationNeeded
{
    /// <summary>Works on one order, or on many of them, and answers in kind.</summary>
    public static object? Answer(object order, Func<object, object?> work) =>
        order is Batch many ? new Batch(Array.ConvertAll(many.Messages, one => work(one) ?? throw new InvalidOperationException("An order among many has no answer."))) : work(order);
}

/// <summary>Gathers what the supervisor orders of somebody while it takes one message in, and sends it together.</summary>
internal sealed class Outbox
{
    // So many that a message costs little for each, and so few that several are on their way at once: while some files are
    // created, others are written.
    private const int Most = 64;

    private readonly List<object> held = [];

    public void Add(object order) => held.Add(order);

    public void SendTo(IActorRef receiver)
    {
        for (int at = 0, count; at < held.Count; at += count)
        {
            count = 1;
            while (!IsOfLarge(held[at]) && count < Most && at + count < held.Count && !IsOfLarge(held[at + count]))
                count++;
            receiver.Tell(count == 1 ? held[at] : new Batch([.. held.GetRange(at, count)]));
        }

        held.Clear();
    }

    // A large file has much to do as soon as it is there, and may be slow to finish: its answer waits for nobody else's.
    private static bool IsOfLarge(object order) => order switch
    {
        CreateOutput create => create.SizeBytes > SegmentFlow.MaxBunchedBytes,
        FinishOutput finish => finish.SizeBytes > SegmentFlow.MaxBunchedBytes,
        ReleaseSource release => release.Source.Status.SizeBytes > SegmentFlow.MaxBunchedBytes,
        _ => false,
    };
}
