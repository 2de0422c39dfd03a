using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class CopyFlowTests
{
    [Fact]
    public void No_segment_is_sent_without_a_lease_in_any_order_of_answers() => Seeds.Each(1, 50, seed =>
    {
        Random random = new(seed);
        using FlowFixture bench = new(Subject(seed));
        int most = 0;
        while (bench.Orders.Count > 0)
        {
            bench.Answer(random.Next(bench.Orders.Count));
            int underWay = bench.Jobs.Count();
            Assert.True(underWay <= bench.InFlight && bench.InFlight <= bench.Capacity);
            most = Math.Max(most, underWay);
        }

        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
        Assert.Equal(bench.Capacity, most);
        Assert.Equal(0, bench.InFlight);
    });

    [Fact]
    public void Segments_that_start_together_are_one_order_and_a_returned_lease_starts_the_next_one()
    {
        using FlowFixture bench = new(Subject(1));
        AnswerUntil(bench, o => o is SegmentJob);
        Assert.Equal(bench.Capacity, bench.Jobs.Count());
        Assert.Equal(bench.Capacity, bench.ReaderOrders.Sum(static o => o.Segments));
        Assert.InRange(bench.ReaderOrders.Count, 1, 2);
        bench.Answer(bench.Orders.FindIndex(o => o is SegmentJob));
        Assert.Equal(bench.Capacity, bench.Jobs.Count());
        bench.AnswerAll(new Random(1));
    }

    [Fact]
    public void A_cancel_at_any_moment_frees_everything_and_commits() => Seeds.Each(1, 60, seed =>
    {
        Random random = new(seed);
        using FlowFixture bench = new(Subject(seed));
        for (int i = 0; i < seed && bench.Orders.Count > 0; i++)
            bench.Answer(random.Next(bench.Orders.Count));
        bench.Flow.Cancel();
        bench.AnswerAll(random);
        BundleStatus status = Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status;
        Assert.True(status is BundleStatus.Cancelled or BundleStatus.Complete);
        Assert.Equal(0, bench.InFlight);
    });

    [Fact]
    public void A_deadline_at_any_moment_stops_the_workers_frees_everything_and_commits() => Seeds.Each(1, 60, seed =>
    {
        Random random = new(seed);
        SimCase subject = Subject(seed);
        subject.Settings = subject.Settings with { Deadline = TimeSpan.FromSeconds(30) };
        using FlowFixture bench = new(subject);
        for (int i = 0; i < seed && bench.Orders.Count > 0; i++)
            bench.Answer(random.Next(bench.Orders.Count));
        bench.Flow.PassDeadline();
        bench.Flow.Cancel(); // comes too late
        Assert.Equal(bench.Flow.Phase < CopyPhase.Committing, bench.Board.StopCause is not null);
        bench.AnswerAll(random);
        BundleReceipt receipt = Assert.IsType<CopyResult.Committed>(bench.Result).Receipt;
        Assert.True(receipt.Status is BundleStatus.Partial or BundleStatus.Complete);
        Assert.All(receipt.Missing ?? [], static m => Assert.Equal("the deadline of 30 s has passed", m.Reason));
        Assert.Equal(0, bench.InFlight);
    });

    [Fact]
    public void Progress_tells_how_long_it_is_until_the_deadline()
    {
        SimCase subject = Subject(1);
        TimeSpan deadline = TimeSpan.FromSeconds(30);
        subject.Settings = subject.Settings with { Deadline = deadline, DeadlineSpent = TimeSpan.FromSeconds(10) };
        using FlowFixture bench = new(subject);
        Assert.InRange(bench.Flow.Progress.UntilDeadline!.Value.TotalSeconds, 19, 20);
        subject.Kernel.Idle(60_000);
        Assert.Equal(TimeSpan.Zero, bench.Flow.Progress.UntilDeadline);
        using FlowFixture without = new(Subject(1));
        Assert.Null(without.Flow.Progress.UntilDeadline);
    }

    [Fact]
    public void After_a_bug_no_segment_is_sent_until_the_crew_has_stopped_and_then_all_are_sent_again()
    {
        using FlowFixture bench = new(Subject(1));
        AnswerUntil(bench, o => o is SegmentJob);
        SegmentJob[] lost = [.. bench.Jobs];
        lost[1].HasBegun = true;
        bench.Flow.WorkerFailed(lost[0]);
        Assert.True(bench.AreWorkersStopped);
        bench.Orders.RemoveAll(static o => o is SegmentJob);
        bench.Flow.CrewStopped();
        Assert.False(bench.AreWorkersStopped);
        AnswerUntil(bench, o => o is SegmentJob { Kills: 1 });
        SegmentJob guilty = bench.Jobs.Single(static j => j.Kills == 1);
        Assert.Equal(
            (lost[0].File.Index, lost[0].Segment, false), (guilty.File.Index, guilty.Segment, guilty.IsRewrite));
        AnswerUntil(bench, o => o is SegmentJob { IsRewrite: true });
        SegmentJob rewrite = bench.Jobs.Single(static j => j.IsRewrite);
        Assert.Equal((lost[1].Segment, 0), (rewrite.Segment, rewrite.Kills));
        bench.AnswerAll(new Random(1));
        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
    }

    [Fact]
    public void A_window_without_its_data_is_read_again_by_slab_and_does_not_count_as_a_death()
    {
        SimCase subject = Subject(1);
        subject.Settings = subject.Settings with { ReaderMode = ReadMode.Map };
        using FlowFixture bench = new(subject);
        AnswerUntil(bench, o => o is SegmentJob);
        SegmentJob first = bench.Jobs.First();
        Assert.Equal(ReadMode.Map, first.Mode);
        bench.Orders.Remove(first);
        WriterProtocol.SegmentsSettled report = bench.Settle(first, new WriteOutcome(0, 0, null, IsSourceLost: true));
        first.HasBegun = false;
        bench.Flow.Handle(report);
        AnswerUntil(bench, o => o is SegmentJob job && job.Segment == first.Segment && job.File == first.File);
        SegmentJob again = bench.Jobs.Single(j => j.Segment == first.Segment && j.File == first.File);
        Assert.Equal((ReadMode.Slab, 0, false), (again.Mode, again.Kills, again.IsRewrite));
        bench.AnswerAll(new Random(1));
        Assert.Equal(BundleStatus.Complete, Assert.IsType<CopyResult.Committed>(bench.Result).Receipt.Status);
    }

    [Fact]
    public void Where_writes_overlap_the_second_reader_only_helps_while_the_disk_runs_dry()
    {
        using FlowFixture bench = new(Subject(1, budgetMiB: 20, heapMiB: 30), overlaps: true);
        AnswerUntil(bench, o => o is SegmentJob);
        bench.AnswerAll(new Random(1));
        Assert.DoesNotContain(bench.ReaderOrders, static o => o.Reader == 1);
        Assert.True(bench.AreWorkersStopped);

        using FlowFixture dry = new(Subject(1, budgetMiB: 20, heapMiB: 30), overlaps: true) { RanDry = true };
        dry.AnswerAll(new Random(1));
        Assert.InRange(dry.ReaderOrders.Where(static o => o.Reader == 1).Sum(static o => o.Segments), 1, 30);
    }

    [Fact]
    public void A_job_that_settles_twice_is_a_bug()
    {
        using FlowFixture bench = new(Subject(1));
        AnswerUntil(bench, o => o is SegmentJob);
        WriterProtocol.SegmentsSettled report = bench.Settle(bench.Jobs.First());
        bench.Flow.Handle(report);
        Assert.Throws<InvalidOperationException>(() => bench.Flow.Handle(report));
    }

    [Fact]
    public void The_state_of_a_copy_names_its_phase_its_files_and_the_holder_of_each_lease()
    {
        using FlowFixture bench = new(Subject(1));
        AnswerUntil(bench, o => o is SegmentJob);
        StateReport report = new(nowUs: 0);
        bench.Flow.Describe(report);
        string text = report.ToString();
        Assert.Contains("phase Copying, 0 of 2 files done, 2 active", text, StringComparison.Ordinal);
        Assert.Contains("3 of 3 leases out", text, StringComparison.Ordinal);
        Assert.Contains("file 0 heap: Copying", text, StringComparison.Ordinal);
        Assert.Contains("segment 0 of file 0: lease 0 with Reader, reader 0, writer 0", text, StringComparison.Ordinal);
        bench.AnswerAll(new Random(1));
    }

    [Fact]
    public void An_unknown_answer_is_a_bug()
    {
        using FlowFixture bench = new(Subject(1));
        Assert.Throws<InvalidOperationException>(() => bench.Flow.Handle("something"));
    }

    private static void AnswerUntil(FlowFixture bench, Predicate<object> found)
    {
        while (!bench.Orders.Exists(found))
            bench.Answer(0);
    }

    private static SimCase Subject(int seed, int budgetMiB = 3, int heapMiB = 5)
    {
        SimCase subject =
            new(seed)
            {
                Settings =
            new CopySettings
            {
                BudgetBytes = (long)budgetMiB << 20,
                ReaderThreads = 2,
                WriterThreads = 2,
                GovernorProfile = GovernorProfile.Full
            }
            };
        subject.AddFile("heap", SimContent.Dense(seed, heapMiB << 20));
        subject.AddFile("ring", SimContent.Dense(seed, (2 << 20) + 1));
        return subject;
    }
}
