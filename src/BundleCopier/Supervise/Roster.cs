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

    /// <summary>Orders that all workers together can have.</summary>
    public int Room => orders.Length * MostOrders;

    /// <summary>The worker with least to do; -1 when all have enough.</summary>
    public int FindIdle()
    {
        int best = -1;
        for (int i = 0; i < orders.Length; i++)
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
