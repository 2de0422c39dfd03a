using Akka.Actor;
using BundleCopier.Actors;
using static BundleCopier.Plan.ScoutProtocol;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Gathers the supervisor's orders for one actor while it handles one message, and sends them together.
/// </summary>
internal sealed class Outbox
{
    // So many that a message costs little for each, and so few that several are in flight at once: while some
    // files are created, others are written.
    private const int MaxOrders = 64;

    private readonly List<object> held = [];

    public void Add(object order) => held.Add(order);

    public void SendTo(IActorRef receiver)
    {
        for (int at = 0, count; at < held.Count; at += count)
        {
            count = 1;
            while (!IsOfLarge(held[at]) && count < MaxOrders && at + count < held.Count && !IsOfLarge(held[at + count]))
                count++;
            receiver.Tell(count == 1 ? held[at] : new Batch([.. held.GetRange(at, count)]));
        }

        held.Clear();
    }

    // A large file has much to do as soon as it is there, and may be slow to finish: its order goes alone.
    private static bool IsOfLarge(object order) => order switch
    {
        CreateOutput create => create.SizeBytes > SmallFileBatch.MaxSmallFileBytes,
        FinishOutput finish => finish.SizeBytes > SmallFileBatch.MaxSmallFileBytes,
        ReleaseSource release => release.Source.Status.SizeBytes > SmallFileBatch.MaxSmallFileBytes,
        _ => false,
    };
}
