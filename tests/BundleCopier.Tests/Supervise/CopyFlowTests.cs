using BundleCopier.Model;
using BundleCopier.Read;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class CopyFlowTests
{
    [Fact]
    public void No_segment_sets_out_without_a_lease_in_whatever_order_answers_come() => Seeds.Each(1, 50, seed =>
    {
        Random random = new(seed);
        using FlowBench bench = new(Subject(seed));
        int most = 0;
        while (bench.Orders.Count > 0)
        {
            bench.Answer(random.Next(bench.Orders.Count));
            int travelling = bench.Orders.Count(o => o is (int, ReaderProtocol.ReadSegment) or (int, WriterProtocol.WriteSegment));
            Assert.True(travelling <= bench.InFlight && bench.InFlight <= bench.Capacity);
            most = Math.Max(most, travelling);
        }

        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
        Assert.Equal(bench.Capacity, most);
        Assert.Equal(0, bench.InFlight);
    });

    [Fact]
    public void A_lease_that_comes_home_sends_the_next_segment_out()
    {
        using FlowBench bench = new(Subject(1));
        AnswerUntil(bench, o => o is (int, ReaderProtocol.ReadSegment));
        Assert.Equal(bench.Capacity, bench.Orders.Count(o => o is (int, ReaderProtocol.ReadSegment)));
        bench.Answer(bench.Orders.FindIndex(o => o is (int, ReaderProtocol.ReadSegment)));
        Assert.Equal(bench.Capacity - 1, bench.Orders.Count(o => o is (int, ReaderProtocol.ReadSegment)));
        bench.Answer(bench.Orders.FindIndex(o => o is (int, WriterProtocol.WriteSegment)));
        Assert.Equal(bench.Capacity, bench.Orders.Count(o => o is (int, ReaderProtocol.ReadSegment)));
        bench.AnswerAll(new Random(1));
    }

    [Fact]
    public void A_cancel_at_any_moment_lets_go_of_everything_and_commits() => Seeds.Each(1, 60, seed =>
    {
        Random random = new(seed);
        using FlowBench bench = new(Subject(seed));
        for (int i = 0; i < seed && bench.Orders.Count > 0; i++)
            bench.Answer(random.Next(bench.Orders.Count));
        bench.Flow.Cancel();
        bench.AnswerAll(random);
        BundleStatus status = Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status;
        Assert.True(status is BundleStatus.Cancelled or BundleStatus.Complete);
        Assert.Equal(0, bench.InFlight);
    });

    [Fact]
    public void What_a_dead_worker_answers_late_is_not_taken_twice()
    {
        using FlowBench bench = new(Subject(1));
        AnswerUntil(bench, o => o is (int, ReaderProtocol.ReadSegment));
        (int reader, ReaderProtocol.ReadSegment order) = ((int, ReaderProtocol.ReadSegment))bench.Orders.Find(o => o is (int, ReaderProtocol.ReadSegment))!;
        bench.Orders.RemoveAll(o => o is (int who, ReaderProtocol.ReadSegment) && who == reader);
        bench.Flow.ReaderDied(reader);
        int inFlight = bench.InFlight;
        bench.Flow.Handle(new ReaderProtocol.SegmentRead(reader, order.Ticket, default));
        Assert.Equal(inFlight, bench.InFlight);
        bench.AnswerAll(new Random(1));
        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
    }

    [Fact]
    public void Where_nobody_waits_the_second_worker_only_helps_to_begin_while_four_writes_are_in_flight_and_one_waits()
    {
        using FlowBench bench = new(Subject(1, budgetMiB: 16, heapMiB: 24), overlaps: true);
        HashSet<long> bySecond = [];
        int most = 0;
        while (bench.Orders.Count > 0)
        {
            foreach (object order in bench.Orders)
            {
                if (order is (1, ReaderProtocol.ReadSegment read))
                    bySecond.Add(read.Ticket);
                if (order is (1, WriterProtocol.WriteSegment write))
                    Assert.Contains(write.Ticket, bySecond);
            }

            most = Math.Max(most, bench.Orders.Count(o => o is (int, WriterProtocol.WriteSegment)));
            // The disk is what it waits for.
            bench.Answer(Math.Max(0, bench.Orders.FindIndex(o => o is not (int, WriterProtocol.WriteSegment))));
        }

        Assert.Equal(5, most);
        Assert.InRange(bySecond.Count, 2, 4);
        Assert.True(bench.IsDismissed);
        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
    }

    [Fact]
    public void What_the_first_worker_is_late_with_is_read_and_written_by_the_second()
    {
        using FlowBench bench = new(Subject(1, budgetMiB: 16), overlaps: true);
        AnswerUntil(bench, o => o is (1, ReaderProtocol.ReadSegment));
        Assert.Equal([0, 0, 1, 1], bench.Orders.Where(o => o is (int, ReaderProtocol.ReadSegment)).Select(o => (((int, ReaderProtocol.ReadSegment))o).Item1).Order());
        bench.Answer(bench.Orders.FindIndex(o => o is (1, ReaderProtocol.ReadSegment)));
        Assert.Single(bench.Orders, o => o is (1, WriterProtocol.WriteSegment));
        bench.AnswerAll(new Random(1));
        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
    }

    [Fact]
    public void An_answer_that_nobody_gives_is_a_bug()
    {
        using FlowBench bench = new(Subject(1));
        Assert.Throws<InvalidOperationException>(() => bench.Flow.Handle("something"));
    }

    private static void AnswerUntil(FlowBench bench, Predicate<object> found)
    {
        while (!bench.Orders.Exists(found))
            bench.Answer(0);
    }

    private static SimCase Subject(int seed, int budgetMiB = 3, int heapMiB = 5)
    {
        SimCase subject = new(seed) { Settings = new CopySettings { BudgetBytes = (long)budgetMiB << 20, ReaderThreads = 2, WriterThreads = 2, GovernorProfile = GovernorProfile.Full } };
        subject.AddFile("heap", SimContent.Dense(seed, heapMiB << 20));
        subject.AddFile("ring", SimContent.Dense(seed, (2 << 20) + 1));
        return subject;
    }
}
