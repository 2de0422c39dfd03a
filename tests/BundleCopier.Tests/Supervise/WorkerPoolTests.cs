using BundleCopier.Govern;
using BundleCopier.Segments;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class WorkerPoolTests
{
    private static readonly IoLimits Full = new(
        Writers: 2, Readers: 2, Pieces: 4, PieceBytes: 1 << 20, RateBytes: null, MaxSegments: int.MaxValue,
        MaxLeases: 32, IsLowered: false);

    [Fact]
    public void Workers_that_wait_for_their_writes_share_the_slabs_evenly_and_have_two_each()
    {
        WorkerPool pool = new(readers: 2, compressors: 0, writers: 2, Full);
        JobRoute[] routes = OutAll(pool, Full);
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], routes.Select(static r => r.Reader));
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], routes.Select(static r => r.Writer));
    }

    [Fact]
    public void Where_writes_overlap_the_first_lane_gets_all_while_its_reader_keeps_up()
    {
        WorkerPool pool = Overlapping();
        JobRoute[] routes = OutAll(pool, Full);
        // Four in flight, one more, two to read, four not reported yet.
        Assert.Equal(11, routes.Length);
        Assert.All(routes, static r => Assert.Equal(new JobRoute(0, 0, 0), r));
    }

    [Fact]
    public void A_second_lane_helps_after_eight_reports_in_a_row_that_the_disk_had_nothing_to_do()
    {
        WorkerPool pool = Overlapping();
        Assert.Equal(Enumerable.Repeat(0, 11), OutAll(pool, Full).Select(static r => r.Reader));
        RunDry(pool, writer: 1, reports: 8);
        RunDry(pool, writer: 0, reports: 7);
        Assert.Null(pool.Find(Full, isCompressed: false, fixedWriter: -1));
        RunDry(pool, writer: 0, reports: 1);
        Assert.Equal([1, 1, 1, 1], OutAll(pool, Full).Select(static r => r.Reader));
        pool.Settled(new JobRoute(1, 0, 1), isCompressed: false);
        pool.Reported(writer: 0, ranDry: false);
        Assert.Null(pool.Find(Full, isCompressed: false, fixedWriter: -1));
    }

    [Fact]
    public void Limits_hold_for_all_lanes_together()
    {
        WorkerPool pool = Overlapping();
        Assert.Equal(2, OutAll(pool, Full with { MaxSegments = 2 }).Length);
        Assert.Equal(9, OutAll(pool, Full with { Readers = 1 }).Length);
    }

    [Fact]
    public void All_frames_of_a_file_go_to_one_writer_and_compressors_take_turns()
    {
        WorkerPool pool = new(readers: 2, compressors: 2, writers: 2, Full);
        List<JobRoute> routes = [];
        while (pool.Find(Full, isCompressed: true, fixedWriter: 1) is { } route)
        {
            pool.Started(route, isCompressed: true);
            routes.Add(route);
        }

        Assert.Equal(8 + 6, routes.Count);
        Assert.All(routes, static r => Assert.Equal(1, r.Writer));
        Assert.Equal([0, 1, 0, 1], routes.Take(4).Select(static r => r.Compressor));
    }

    private static WorkerPool Overlapping()
    {
        WorkerPool pool = new(readers: 2, compressors: 0, writers: 2, Full);
        pool.Overlap();
        return pool;
    }

    private static void RunDry(WorkerPool pool, int writer, int reports)
    {
        for (int i = 0; i < reports; i++)
            pool.Reported(writer, ranDry: true);
    }

    private static JobRoute[] OutAll(WorkerPool pool, IoLimits limits)
    {
        List<JobRoute> routes = [];
        while (pool.Find(limits, isCompressed: false, fixedWriter: -1) is { } route)
        {
            pool.Started(route, isCompressed: false);
            routes.Add(route);
        }

        return [.. routes];
    }
}
