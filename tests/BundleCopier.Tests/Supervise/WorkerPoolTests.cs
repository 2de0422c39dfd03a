using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class WorkerPoolTests
{
    private readonly FileRecord file = new(new PlannedFile(0, "/dev/shm/heap", "heap", null));

    [Fact]
    public void Orders_go_to_whoever_has_least_and_nobody_gets_a_third()
    {
        WorkerPool roster = new(2);
        List<int> given = [];
        for (int ticket = 0; roster.FindIdle() is >= 0 and int worker; ticket++)
        {
            roster.Give(worker, Order(ticket));
            given.Add(worker);
        }

        Assert.Equal([0, 1, 0, 1], given);
        Assert.Equal(4, roster.Room);
    }

    [Fact]
    public void Who_is_over_the_limit_gets_no_new_orders_and_keeps_the_old_ones()
    {
        WorkerPool roster = new(2);
        roster.Give(1, Order(7));
        roster.LimitTo(1);
        Assert.Equal(0, roster.FindIdle());
        roster.Give(0, Order(8));
        roster.Give(0, Order(9));
        Assert.Equal(-1, roster.FindIdle());
        Assert.Equal(7, roster.Take(1, 7)?.Ticket);
        roster.LimitTo(99);
        Assert.Equal((1, 4), (roster.FindIdle(), roster.Room));
    }

    [Fact]
    public void Piled_up_orders_go_to_the_first_who_has_room_and_only_what_is_too_much_to_the_next()
    {
        WorkerPool roster = new(2);
        roster.PileUp(maxTogether: null);
        Assert.Equal((0, 4), (roster.AtWork, roster.Room));
        Assert.Equal([0, 0, 1, 1, -1], GiveAll(roster, 5));
        Assert.Equal(2, roster.AtWork);
        Assert.NotNull(roster.Take(0, 0));
        Assert.NotNull(roster.Take(1, 2));
        Assert.NotNull(roster.Take(1, 3));
        Assert.Equal((0, 1, 1, 1), (roster.FindIdle(), roster.FindIdle(preferred: 1), roster.FindFreest(), roster.AtWork));
    }

    [Fact]
    public void Those_who_have_orders_together_have_them_in_any_shares()
    {
        WorkerPool roster = new(3);
        roster.PileUp(maxTogether: 4);
        roster.Give(2, Order(99));
        Assert.Equal([0, 0, 0, -1], GiveAll(roster, 4));
        Assert.Equal((-1, 4), (roster.FindFreest(), roster.Room));
        Assert.Equal(3, roster.TakeAll(0).Length);
        Assert.Equal((2, 0, 1), (roster.FindIdle(preferred: 2), roster.FindFreest(), roster.AtWork));
        roster.LimitTo(1);
        Assert.Equal(0, roster.FindIdle(preferred: 2));
    }

    [Fact]
    public void Who_prepares_orders_for_others_gets_help_when_they_have_less_than_half_of_what_they_can_have()
    {
        WorkerPool readers = new(2), writers = new(2);
        Assert.True(writers.IsShort);
        readers.PileUp(maxTogether: null);
        writers.PileUp(maxTogether: 4);
        Assert.Equal([0, 0], GiveAll(readers, 2));
        Assert.Equal((1, -1), (readers.FindIdle(), readers.FindFirst()));

        writers.Give(0, Order(98));
        Assert.True(writers.IsShort);
        writers.Give(0, Order(99));
        Assert.False(writers.IsShort);
        Assert.NotNull(readers.Take(0, 0));
        Assert.Equal(0, readers.FindFirst());
    }

    [Fact]
    public void Where_orders_do_not_pile_up_the_first_is_whoever_has_least()
    {
        WorkerPool roster = new(2);
        roster.Give(0, Order(1));
        Assert.Equal((1, 1), (roster.FindIdle(), roster.FindFirst()));
    }

    [Fact]
    public void An_order_is_taken_back_once_and_only_from_whom_it_was_given()
    {
        WorkerPool roster = new(2);
        roster.Give(1, Order(7));
        Assert.Null(roster.Take(0, 7));
        Assert.Equal(7, roster.Take(1, 7)?.Ticket);
        Assert.Null(roster.Take(1, 7));
    }

    [Fact]
    public void Of_a_dead_worker_the_first_order_is_the_one_it_died_of()
    {
        WorkerPool roster = new(1);
        roster.Give(0, Order(1));
        roster.Give(0, Order(2));
        Assert.Equal([1L, 2L], roster.TakeAll(0).Select(s => s.Ticket));
        Assert.Empty(roster.TakeAll(0));
    }

    private int[] GiveAll(WorkerPool roster, int count)
    {
        int[] to = new int[count];
        for (int ticket = 0; ticket < count; ticket++)
        {
            to[ticket] = roster.FindIdle();
            if (to[ticket] >= 0)
                roster.Give(to[ticket], Order(ticket));
        }

        return to;
    }

    private SegmentJob Order(long ticket) => new(ticket, file, ticket, 0, ReadMode.Slab, new Lease(0, 0), null);
}
