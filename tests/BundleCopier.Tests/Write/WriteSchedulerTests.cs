using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Write;

public sealed class WriteSchedulerTests : IDisposable
{
    private readonly SegmentFixture one = new(SimContent.Dense(1, 1 << 20));
    private readonly CopyMemory memory;
    private readonly WriteScheduler scheduler;
    private readonly IoBoard board;

    public WriteSchedulerTests()
    {
        Assert.True(
            CopyMemory.Take(one.Kernel, MemoryPlan.Of(new CopySettings { BudgetBytes = 16 << 20 }, compresses: false))
            .Try(out CopyMemory? taken, out _));
        memory = taken;
        IoLimits limits = new(1, 1, Pieces: 8, 1 << 20, null, int.MaxValue, 8, IsLowered: false);
        board = new IoBoard(limits, null, startUs: 0);
        scheduler = new WriteScheduler(one.Options, one.Kernel, board, zeros: null);
        scheduler.Overlap(new WriteFlights(new SleepingDisk(), one.Kernel, board));
    }

    public void Dispose()
    {
        memory.Slabs.ReclaimAll();
        memory.Dispose();
        one.Dispose();
    }

    [Fact]
    public void Four_settled_slabs_are_reported_although_more_jobs_follow()
    {
        Settle(3);
        Assert.False(scheduler.IsReportDue(following: 1));
        Settle(1);
        Assert.True(scheduler.IsReportDue(following: 1));
        Assert.Equal(4, scheduler.TakeSettled().Length);
        Assert.False(scheduler.IsReportDue(following: 0));
    }

    [Fact]
    public void Where_no_job_follows_a_report_is_due_when_half_of_the_slabs_have_settled()
    {
        Write(2);
        Settle(1);
        Assert.False(scheduler.IsReportDue(following: 0));
        Settle(1);
        Assert.True(scheduler.IsReportDue(following: 0));
    }

    [Fact]
    public void Nothing_is_reported_while_no_slab_has_settled()
    {
        Write(3);
        Assert.False(scheduler.IsReportDue(following: 0));
    }

    [Fact]
    public void When_the_copy_ends_early_jobs_that_wait_settle_at_once_and_are_reported()
    {
        Fault cause = Fault.Of(FaultKind.Cancelled);
        Write(10);
        board.Stop(cause);
        scheduler.Advance(wait: false);
        SegmentJob[] settled = scheduler.TakeSettled();
        Assert.Equal(2, settled.Length); // eight are in flight
        Assert.All(settled, job => Assert.Equal(new WriteOutcome(0, 0, cause), job.Written with { ElapsedUs = 0 }));
        Assert.Equal(8, scheduler.Flights);
    }

    [Fact]
    public void Where_a_writer_waits_for_each_write_jobs_that_wait_settle_at_once_when_the_copy_ends_early()
    {
        WriteScheduler blocking = new(one.Options, one.Kernel, board, zeros: null);
        blocking.Add([.. Enumerable.Range(0, 3).Select(_ => Job(isZero: false))]);
        blocking.Advance(wait: false);
        board.Stop(Fault.Of(FaultKind.Cancelled));
        blocking.Advance(wait: false);
        Assert.False(blocking.HasBlockingWork);
        Assert.Equal([null, FaultKind.Cancelled, FaultKind.Cancelled],
            blocking.TakeSettled().Select(static job => job.Written.Fault?.Kind));
    }

    private void Settle(int jobs) => Add(jobs, isZero: true);

    private void Write(int jobs) => Add(jobs, isZero: false);

    private void Add(int jobs, bool isZero)
    {
        for (int i = 0; i < jobs; i++)
            scheduler.Add([Job(isZero)]);
        scheduler.Advance(wait: false);
    }

    private SegmentJob Job(bool isZero)
    {
        Lease lease = memory.Slabs.Rent();
        lease.Runs.Clear();
        if (!isZero)
            lease.Runs.Add(0, Alignment.Bytes);
        SegmentJob job = new(new FilePair(one.Opened, one.Output), 0, ReadMode.Slab, lease, frame: null);
        job.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        job.Read = new SegmentOutcome(job.LengthBytes, isZero ? 0 : Alignment.Bytes, null);
        return job;
    }

    /// <summary>Ends no write.</summary>
    private sealed class SleepingDisk : IWriteQueue
    {
        private int prepared;

        public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
        {
            prepared++;
            return true;
        }

        public int Submit()
        {
            int taken = prepared;
            prepared = 0;
            return taken;
        }

        public int Collect(Span<EndedWrite> ended, bool wait) => 0;

        public void Dispose()
        {
        }
    }
}
