using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Write;

public sealed class WriteFlightsTests : IDisposable
{
    private const int KiB = 1 << 10;

    private readonly SegmentFixture desk = new(SimContent.Dense(1, 1 << 20));
    private readonly Disk disk = new();
    private readonly IoBoard board;
    private readonly WriteFlights flights;

    public WriteFlightsTests()
    {
        board = new IoBoard(Limits(pieces: 2, pieceKiB: 256), null, startUs: 0);
        flights = new WriteFlights(disk, desk.Kernel, board);
    }

    public void Dispose() => desk.Dispose();

    [Fact]
    public void The_next_piece_is_begun_as_soon_as_one_has_ended_and_never_are_more_in_flight_than_may_be()
    {
        WriteTask a = Begin(new WriteStretch(0, 1024 * KiB, 0));
        WriteTask b = Begin(new WriteStretch(4096 * KiB, 512 * KiB, 8192 * KiB));
        List<long> offsets = [];
        while (flights.Tasks > 0)
        {
            Assert.InRange(disk.InFlight.Count, 1, 2);
            Assert.Equal(disk.InFlight.Count, board.InFlight);
            offsets.Add(disk.InFlight[0].Offset / KiB);
            disk.End(0);
            Look();
        }

        Assert.Equal([0, 256, 512, 768, 8192, 8192 + 256], offsets);
        Assert.Equal([a, b], flights.Over);
        Assert.Equal(0, board.InFlight);
    }

    [Fact]
    public void Limits_hold_from_the_next_write_on()
    {
        board.Set(Limits(pieces: 4, pieceKiB: 256));
        Begin(new WriteStretch(0, 2048 * KiB, 0));
        Assert.Equal(4, disk.InFlight.Count);
        board.Set(Limits(pieces: 2, pieceKiB: 128));
        foreach (int left in (int[])[3, 2, 2, 2])
        {
            disk.End(0);
            Look();
            Assert.Equal(left, disk.InFlight.Count);
        }

        Assert.All(disk.InFlight, static w => Assert.Equal(128 * KiB, w.Pieces.Sum(static p => p.Length)));
    }

    [Fact]
    public void Writers_share_the_writes_that_may_be_in_flight_and_each_has_one_at_least()
    {
        Disk other = new();
        WriteFlights second = new(other, desk.Kernel, board);
        Begin(new WriteStretch(0, 1024 * KiB, 0));
        Assert.Equal(2, disk.InFlight.Count);
        second.Add(Task(desk.Job(), new WriteStretch(0, 1024 * KiB, 0)));
        second.Begin();
        Assert.Single(other.InFlight);
        disk.End(0);
        Look();
        Assert.Single(disk.InFlight);
    }

    [Fact]
    public void Runs_that_are_adjacent_in_the_file_are_one_write_and_scattered_runs_are_one_flight()
    {
        board.Set(Limits(pieces: 2, pieceKiB: 1024));
        Begin(new(0, 4 * KiB, 0), new(900 * KiB, 512 * KiB, 4 * KiB), new(4 * KiB, 8 * KiB, 516 * KiB),
            new(12 * KiB, 4 * KiB, 600 * KiB));
        Assert.Equal([3, 1], disk.InFlight.Select(static w => w.Pieces.Length));
        Assert.Equal([524 * KiB, 4 * KiB], disk.InFlight.Select(static w => w.Pieces.Sum(static p => p.Length)));
        Assert.Equal([0, 600 * KiB], disk.InFlight.Select(static w => w.Offset));
        Assert.Equal((1, 1, 1), (disk.Submissions, flights.Count, board.InFlight));
        disk.End(0);
        Look();
        Assert.Equal(1, flights.Count);
        disk.End(0);
        Look();
        Assert.Equal(0, flights.Count);
    }

    [Fact]
    public void Every_second_page_of_a_segment_goes_to_the_kernel_in_one_submission()
    {
        board.Set(Limits(pieces: 4, pieceKiB: 1024));
        Begin([.. Enumerable.Range(0, 128).Select(static i => new WriteStretch(8 * KiB * i, 4 * KiB, 8 * KiB * i))]);
        Assert.Equal((128, 1), (disk.InFlight.Count, disk.Submissions));
    }

    [Fact]
    public void Small_files_share_a_flight_and_large_ones_do_not()
    {
        board.Set(Limits(pieces: 4, pieceKiB: 1024));
        SegmentJob[] batch = [desk.Job(), desk.Job(), desk.Job()];
        foreach (SegmentJob job in batch)
        {
            job.Batch = batch;
            flights.Add(Task(job, new WriteStretch(0, 4 * KiB, 0)));
        }

        flights.Add(Task(desk.Job(), new WriteStretch(0, 4 * KiB, 0)));
        flights.Add(Task(desk.Job(), new WriteStretch(0, 4 * KiB, 0)));
        flights.Begin();
        Assert.Equal((5, 3), (disk.InFlight.Count, disk.Submissions));
    }

    [Theory]
    [InlineData(-5)] // EIO
    [InlineData(4096)]
    public void After_a_failed_or_short_write_no_more_writes_of_that_job_begin_and_it_ends_with_its_last_piece(
        int result)
    {
        WriteTask task = Begin(new WriteStretch(0, 1024 * KiB, 0));
        disk.End(0, result);
        Look();
        Assert.Single(disk.InFlight);
        Assert.Empty(flights.Over);
        disk.End(0);
        Look();
        Assert.Equal([task], flights.Over);
        Assert.True(task.HasFailed);
    }

    [Fact]
    public void A_write_that_the_kernel_does_not_take_has_failed_and_does_not_delay_the_others()
    {
        disk.Refuses = true;
        WriteTask refused = Begin(new WriteStretch(0, 1024 * KiB, 0));
        Assert.Equal([refused], flights.Over);
        Assert.True(refused.HasFailed);
        Assert.Equal(0, board.InFlight);
        disk.Refuses = false;
        Begin(new WriteStretch(0, 256 * KiB, 0));
        Assert.Single(disk.InFlight);
    }

    [Fact]
    public void A_submission_that_the_kernel_takes_in_part_fails_the_jobs_of_the_rest()
    {
        board.Set(Limits(pieces: 4, pieceKiB: 1024));
        disk.TakesAtMost = 1;
        WriteTask task = Begin(new(0, 4 * KiB, 0), new(8 * KiB, 4 * KiB, 8 * KiB), new(16 * KiB, 4 * KiB, 16 * KiB));
        Assert.Empty(flights.Over);
        disk.End(0);
        Look();
        Assert.Equal([task], flights.Over);
        Assert.True(task.HasFailed);
        Assert.Equal(0, board.InFlight);
    }

    [Fact]
    public void A_mapped_window_is_checked_right_before_its_write_and_not_when_it_is_handed_over()
    {
        using SegmentFixture mapped = new(SimContent.Dense(1, 1 << 20), ReadMode.Map, zeroDetection: false);
        Assert.Null(new SegmentReader(mapped.Options).Fill(mapped.Opened, 0, ReadMode.Map, mapped.Lease).Fault);
        Begin(new WriteStretch(0, 512 * KiB, 0));
        WriteTask task = Task(mapped.Job(mode: ReadMode.Map), new WriteStretch(mapped.Lease.Payload, 1024 * KiB, 0));
        flights.Add(task);
        mapped.Source.Change(mapped.Kernel, static pages => pages.Drop(7));
        disk.End(0);
        Look();
        Assert.Single(disk.InFlight);
        Assert.Equal([task], flights.Over);
        Assert.True(task.IsSourceLost);
        Assert.False(task.Job.HasBegun);
    }

    [Fact]
    public void A_mapped_window_that_the_limits_hold_back_is_checked_once()
    {
        using SegmentFixture mapped = new(SimContent.Dense(1, 1 << 20), ReadMode.Map, zeroDetection: false);
        Assert.Null(new SegmentReader(mapped.Options).Fill(mapped.Opened, 0, ReadMode.Map, mapped.Lease).Fault);
        Begin(new WriteStretch(0, 1024 * KiB, 0));
        flights.Add(Task(mapped.Job(mode: ReadMode.Map), new WriteStretch(mapped.Lease.Payload, 1024 * KiB, 0)));
        while (flights.Tasks > 0)
        {
            Look();
            disk.End(0);
            Look();
        }

        Assert.Equal(1, Assert.IsType<SimWindow>(mapped.Lease.Window).Looks);
        Assert.Equal(0, board.InFlight);
    }

    [Fact]
    public void When_the_copy_ends_early_no_piece_begins_and_a_task_is_over_after_its_pieces_in_flight()
    {
        WriteTask begun = Begin(new WriteStretch(0, 1024 * KiB, 0));
        WriteTask fresh = Begin(new WriteStretch(0, 1024 * KiB, 2048 * KiB));
        board.Stop(Fault.Of(FaultKind.Cancelled));
        Look();
        Assert.Equal([fresh], flights.Over);
        Assert.Equal((true, null), (fresh.IsStopped, fresh.BegunEnd));
        disk.End(1);
        Look();
        Assert.Equal([fresh], flights.Over);
        disk.End(0);
        Look();
        Assert.Equal([fresh, begun], flights.Over);
        Assert.Equal((true, 512 * KiB), (begun.IsStopped, begun.BegunEnd));
        Assert.Empty(disk.InFlight);
        Assert.Equal((0, 0, 0), (flights.Tasks, flights.Count, board.InFlight));
    }

    [Fact]
    public void When_the_copy_ends_early_the_rate_does_not_hold_a_begun_task_back()
    {
        IoBoard limited = new(Limits(pieces: 1, pieceKiB: 256), ceilingRateBytes: 1 << 20, startUs: 0);
        WriteFlights slow = new(disk, desk.Kernel, limited);
        WriteTask task = Task(desk.Job(), new WriteStretch(0, 1024 * KiB, 0));
        slow.Add(task);
        slow.Begin();
        disk.End(0);
        slow.Collect(wait: false);
        slow.Begin();
        while (slow.WaitMs == 0)
        {
            disk.End(0);
            slow.Collect(wait: false);
            slow.Begin();
        }

        limited.Stop(Fault.Of(FaultKind.Cancelled));
        slow.Begin();
        Assert.Equal([task], slow.Over);
        Assert.Equal((0, 0), (slow.WaitMs, slow.Tasks));
    }

    [Fact]
    public void A_task_with_a_failed_piece_has_failed_also_when_the_copy_ends_early()
    {
        WriteTask task = Begin(new WriteStretch(0, 1024 * KiB, 0));
        disk.End(0, -5);
        board.Stop(Fault.Of(FaultKind.Cancelled));
        Look();
        disk.End(0);
        Look();
        Assert.Equal([task], flights.Over);
        Assert.True(task.HasFailed);
    }

    [Fact]
    public void A_rate_that_is_used_up_holds_the_next_flight_back_and_says_how_long()
    {
        IoBoard limited = new(Limits(pieces: 4, pieceKiB: 256), ceilingRateBytes: 1 << 20, startUs: 0);
        WriteFlights slow = new(disk, desk.Kernel, limited);
        slow.Add(Task(desk.Job(), new WriteStretch(0, 1024 * KiB, 0)));
        slow.Begin();
        Assert.InRange(disk.InFlight.Count, 1, 2);
        Assert.InRange(slow.WaitMs, 1, 300);
        Assert.Equal(disk.InFlight.Count, limited.InFlight);
        desk.Kernel.Idle((int)slow.WaitMs);
        int before = disk.InFlight.Count;
        slow.Begin();
        Assert.Equal(before + 1, disk.InFlight.Count);
    }

    [Fact]
    public void Short_pieces_count_for_the_latency_of_a_whole_one_in_proportion()
    {
        WriteTask task = new();
        task.Reset(desk.Job(), board.Limits, spentUs: 70);
        task.Add(new WriteStretch(0, 384 * KiB, 0));
        Assert.Equal(0, task.PieceUs);
        Span<MemoryPiece> memory = stackalloc MemoryPiece[IWriteQueue.MaxPieces];
        for (int i = 0; i < 2; i++)
            task.TakePiece(64 * KiB, memory, out _, out _);
        task.ShareWith(2);
        task.PieceEnded(isWhole: true, 64 * KiB, tookUs: 100);
        task.PieceEnded(isWhole: true, 64 * KiB, tookUs: 200);
        Assert.Equal((300, 70 + 150), (task.PieceUs, task.ElapsedUs));
        task.TakePiece(256 * KiB, memory, out _, out _);
        task.PieceEnded(isWhole: true, 256 * KiB, tookUs: 300);
        Assert.Equal(400, task.PieceUs);
    }

    [Fact]
    public void Without_flights_a_wait_returns_at_once() => flights.Collect(wait: true);

    private static IoLimits Limits(int pieces, int pieceKiB) =>
        new(1, 1, pieces, pieceKiB * KiB, null, int.MaxValue, 8, IsLowered: false);

    private WriteTask Begin(params WriteStretch[] stretches)
    {
        WriteTask task = Task(desk.Job(), stretches);
        flights.Add(task);
        flights.Begin();
        return task;
    }

    private WriteTask Task(SegmentJob job, params WriteStretch[] stretches)
    {
        WriteTask task = new();
        task.Reset(job, board.Limits, spentUs: 0);
        foreach (WriteStretch stretch in stretches)
            task.Add(stretch);
        return task;
    }

    private void Look()
    {
        flights.Collect(wait: false);
        flights.Begin();
    }

    /// <summary>Ends writes when the test asks for it.</summary>
    private sealed class Disk : IWriteQueue
    {
        private readonly List<(int Tag, MemoryPiece[] Pieces, long Offset)> prepared = [];
        private readonly List<EndedWrite> ended = [];

        public List<(int Tag, MemoryPiece[] Pieces, long Offset)> InFlight { get; } = [];

        public int Submissions { get; private set; }

        public bool Refuses { get; set; }

        public int TakesAtMost { get; set; } = int.MaxValue;

        public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
        {
            if (!Refuses)
                prepared.Add((tag, pieces.ToArray(), offset));
            return !Refuses;
        }

        public int Submit()
        {
            int taken = Math.Min(TakesAtMost, prepared.Count);
            Submissions += taken > 0 ? 1 : 0;
            InFlight.AddRange(prepared[..taken]);
            prepared.Clear();
            return taken;
        }

        public void End(int index, int? result = null)
        {
            (int tag, MemoryPiece[] pieces, _) = InFlight[index];
            InFlight.RemoveAt(index);
            int value = result ?? pieces.Sum(static p => p.Length);
            ended.Add(new EndedWrite(tag, value < 0 ? IoResult.Failed(-value) : IoResult.Ok(value)));
        }

        public int Collect(Span<EndedWrite> found, bool wait)
        {
            int count = ended.Count;
            Assert.True(count > 0 || !wait, "This wait would never end.");
            ended.CopyTo(found);
            ended.Clear();
            return count;
        }

        public void Dispose()
        {
        }
    }
}
