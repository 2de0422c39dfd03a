namespace BundleCopier.Supervise;

/// <summary>
/// Workers of one kind and what each has been given. One order is being worked on and one waits, so that a worker never
/// idles while its answer and the next order cross; only writers who have many writes in flight are given more.
/// </summary>
internal sealed class WorkerPool(int count)
{
    private const int MaxOrders = 2;

    private readonly List<SegmentJob>[] orders = [.. Enumerable.Range(0, count).Select(_ => new List<SegmentJob>(MaxOrders))];
    private int maxOrders = MaxOrders;
    private int maxInAll = int.MaxValue;
    private int given;
    private bool pilesUp;

    public int Count => orders.Length;

    /// <summary>
    /// They have less than half of the orders that there is room for: whoever prepares orders for them is late. Always, where orders do not pile up.
    /// </summary>
    public bool IsShort => !pilesUp || 2 * given < Room;

    /// <summary>How many of them are given new orders.</summary>
    public int Limit { get; private set; } = count;

    /// <summary>Orders that those who are given any can have together.</summary>
    public int Room => Math.Min(maxInAll, Limit * maxOrders);

    /// <summary>Workers who share the work: all that are given any, and where orders pile up, those who have some.</summary>
    public int AtWork
    {
        get
        {
            int some = 0;
            foreach (List<SegmentJob> has in orders)
                some += has.Count > 0 ? 1 : 0;
            return pilesUp ? some : Limit;
        }
    }

    /// <summary>Gives new orders to so many workers only, at least one.</summary>
    public void LimitTo(int workers) => Limit = Math.Clamp(workers, 1, Count);

    /// <summary>
    /// From now on orders go to the preferred worker as long as he has room, and then to the first who has: for workers who do not stand
    /// still with an order. One that is not woken up costs nothing, and neighbours only see one who wants a processor.
    /// </summary>
    /// <param name="maxTogether">
    /// Orders, at least the usual two, that all of them can have, and one of them alone; null for two each.
    /// </param>
    public void PileUp(int? maxTogether)
    {
        pilesUp = true;
        maxOrders = Math.Max(MaxOrders, maxTogether ?? 0);
        maxInAll = maxTogether is null ? int.MaxValue : maxOrders;
    }

    /// <summary>The worker who gets the next order; -1 when all have enough.</summary>
    /// <param name="preferred">Who gets it as long as he has room, where orders pile up.</param>
    public int FindIdle(int preferred = 0)
    {
        if (!pilesUp || given >= maxInAll)
            return FindFreest();
        if (preferred < Limit && orders[preferred].Count < maxOrders)
            return preferred;
        for (int i = 0; i < Limit; i++)
        {
            if (orders[i].Count < maxOrders)
                return i;
        }

        return -1;
    }

    /// <summary>The same, but where orders pile up only the first is asked, and the others sleep on.</summary>
    public int FindFirst() => !pilesUp ? FindIdle() : orders[0].Count < maxOrders && given < maxInAll ? 0 : -1;

    /// <summary>The worker with least to do, for orders that are waited for wherever they are carried out; -1 when all have enough.</summary>
    public int FindFreest()
    {
        if (given >= maxInAll)
            return -1;
        int best = -1;
        for (int i = 0; i < Limit; i++)
        {
            if (orders[i].Count < maxOrders && (best < 0 || orders[i].Count < orders[best].Count))
                best = i;
        }

        return best;
    }

    public void Give(int worker, SegmentJob shipment)
    {
        orders[worker].Add(shipment);
        given++;
    }

    /// <summary>Takes an order back that was answered; null when it had been taken back before.</summary>
    public SegmentJob? Take(int worker, long ticket)
    {
        List<SegmentJob> has = orders[worker];
        // No lambda: it would be an object for every answer.
        for (int i = 0; i < has.Count; i++)
        {
            SegmentJob shipment = has[i];
            if (shipment.Ticket != ticket)
                continue;
            has.RemoveAt(i);
            given--;
            return shipment;
        }

        return null;
    }

    /// <summary>Takes back everything that a worker had; first what it was working on.</summary>
    public SegmentJob[] TakeAll(int worker)
    {
        SegmentJob[] all = [.. orders[worker]];
        orders[worker].Clear();
        given -= all.Length;
        return all;
    }
}
