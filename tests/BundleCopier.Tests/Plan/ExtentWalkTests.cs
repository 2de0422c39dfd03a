using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Plan;

public sealed class ExtentWalkTests
{
    [Fact]
    public void A_walk_finds_every_wanted_byte_of_data_and_no_other() => Seeds.Each(1, 200, seed =>
    {
        Random random = new(seed);
        SimPages pages = SimContent.Draw(random, random.Next(1, 2 << 20));
        Extent[] ranges =
            [.. Enumerable.Range(0, 5)
            .Select(_ => new Extent(random.NextInt64(pages.Length), random.Next(1, 100_000)))];
        using SegmentFixture desk = new(pages, ReadMode.Slab, zeroDetection: true, ranges);
        List<Extent> found = [];
        Extent known = default;
        long at = 0;
        while (NextOf(desk.Opened, at, pages.Length, ref known) is { } extent)
        {
            found.Add(extent);
            at = extent.End;
        }

        RangeSet data =
            RangeSet.Of(pages.Present.Where(pages.IsData).Select(p => new Extent(p * 4096, 4096)), pages.Length);
        RangeSet wanted = desk.Opened.Ranges;
        Assert.Equal(wanted.Without(wanted.Without(data)).AsSpan().ToArray(), RangeSet.Of(found).AsSpan().ToArray());

        long position = 0;
        Span<long> room = stackalloc long[1];
        List<long> segments = [];
        while (ExtentWalk.NextSegments(desk.Opened.Source, wanted, ref position, room).Value == 1)
            segments.Add(room[0]);
        Assert.Equal(
            found.SelectMany(e => new[] { SegmentGrid.IndexOf(e.Offset), SegmentGrid.IndexOf(e.End - 1) }).Distinct()
                .Order(), segments);
    });

    [Fact]
    public void Data_that_becomes_a_hole_during_the_walk_gives_no_empty_extent()
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 3 * 4096));
        desk.Kernel.Faults.Hook = (op, _, offset) =>
        {
            if (op == SimOp.SeekHole)
                desk.Source.Pages.Drop(offset / 4096);
            return 0;
        };
        Extent known = default;
        Assert.Equal(new Extent(0, 4096), NextOf(desk.Opened, 0, 3 * 4096, ref known));
        Assert.Equal(new Extent(4096, 4096), NextOf(desk.Opened, 4096, 3 * 4096, ref known));
    }

    [Fact]
    public void A_server_that_names_an_earlier_place_for_data_does_not_keep_the_walk_from_its_end()
    {
        const int SizeBytes = (2 << 20) + 4096;
        using SegmentFixture desk = new(SimContent.Dense(1, SizeBytes));
        desk.Source.SaysDataAt = static _ => 0;
        AssertAllIsData(desk, SizeBytes);
    }

    [Theory]
    [InlineData(22)] // EINVAL
    [InlineData(95)] // EOPNOTSUPP
    public void Where_a_filesystem_does_not_know_holes_all_is_data(int error)
    {
        const int SizeBytes = (2 << 20) + 4096;
        using SegmentFixture desk = new(new SimPages(SizeBytes));
        desk.Source.Traits = desk.Source.Traits with { IsShared = false };
        desk.Kernel.Faults.Hook = (op, _, _) => op is SimOp.SeekData or SimOp.SeekHole ? error : 0;
        AssertAllIsData(desk, SizeBytes);
    }

    private static void AssertAllIsData(SegmentFixture desk, long sizeBytes)
    {
        Span<long> room = stackalloc long[8];
        long position = 0;
        Assert.Equal(3, ExtentWalk.NextSegments(desk.Opened.Source, desk.Opened.Ranges, ref position, room).Value);
        Assert.Equal([0, 1, 2], room[..3].ToArray());

        Extent known = default;
        long at = 0;
        for (int i = 0; i < 5 && NextOf(desk.Opened, at, sizeBytes, ref known) is { } extent; i++)
        {
            Assert.Equal(at, extent.Offset);
            at = extent.End;
        }

        Assert.Equal(sizeBytes, at);
    }

    private static Extent? NextOf(OpenedSource file, long offset, long limit, ref Extent known)
    {
        Assert.True(
            ExtentWalk.Next(file.Source, file.Ranges, offset, limit, ref known).Try(out Extent? next, out _));
        return next;
    }
}
