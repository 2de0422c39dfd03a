namespace BundleCopier.Supervise;

/// <summary>
/// Workers of one kind and what each has been given. One order is being worked on and one waits, so that a worker never
/// idles while its answer and the next order cross.
/// </summary>
internal sealed class Roster(int count)
{
    private const int MostOrders = 2;

    private readonly List<Shipment>[] orders = [.. Enumerable.Range(0, count).Select(_ => new List<Shipment>(MostOrders))];

    public int Count => orders.Length;

    /// <summary>How many of them are given new orders.</summary>
    public int Limit { get; private set; } = count;

    /// <summary>Orders that those who are given any can have together.</summary>
    public int Room => Limit * MostOrders;

    /// <summary>Gives new orders to so many workers only, at least one.</summary>
    public void LimitTo(int workers) => Limit = Math.Clamp(workers, 1, Count);

    /// <summary>The worker with least to do; -1 when all have enough.</summary>
    public int FindIdle()
    {
        int best = -1;
        for (int i = 0; i < Limit; i++)
        {
            if (orders[i].Count < MostOrders && (best < 0 || orders[i].Count < orders[best].Count))
                best = i;
        }

        return best;
    }

    public void Give(int worker, Shipment shipment) => orders[worker].Add(shipment);

    /// <summary>Takes an order back that was answered; null when it had been taken back before.</summary>
    public Shipment? Take(int worker, long ticket)
    {
        List<Shipment> given = orders[worker];
        // No lambda: it would be an object for every answer.
        for (int i = 0; i < given.Count; i++)
        {
            Shipment shipment = given[i];
            if (shipment.Ticket != ticket)
                continue;
            given.RemoveAt(i);
            return shipment;
        }

        return null;
    }

    /// <summary>Takes back everything that a worker had; first what it was working on.</summary>
    public Shipment[] TakeAll(int worker)
    {
        Shipment[] all = [.. orders[worker]];
        orders[worker].Clear();
        return all;
    }
}
