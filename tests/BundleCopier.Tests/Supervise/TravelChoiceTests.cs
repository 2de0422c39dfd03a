using BundleCopier.Model;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class TravelChoiceTests
{
    private const int SegmentBytes = 1 << 20;
    private const int MaxUnderWay = 8;
    private static readonly int TrialSegments = new TravelChoice(MaxUnderWay).StretchSegments * TravelChoice.Stretches;

    [Fact]
    public void Both_ways_are_tried_for_as_many_segments_in_turn()
    {
        TravelChoice choice = new(MaxUnderWay);
        ReadMode[] tried = [.. Enumerable.Range(0, TrialSegments).Select(_ => choice.Next())];
        Assert.Equal(TrialSegments / 2, tried.Count(t => t == ReadMode.Map));
        Assert.Equal(TravelChoice.Stretches - 1, tried.Zip(tried.Skip(1)).Count(pair => pair.First != pair.Second));
    }

    [Theory]
    [InlineData(700, 1300, ReadMode.Slab)] // scattered pages: the mapping goes out in small pieces
    [InlineData(700, 800, ReadMode.Slab)]
    [InlineData(700, 700, ReadMode.Map)] // as fast, for less CPU time
    [InlineData(700, 400, ReadMode.Map)]
    public void The_faster_way_is_kept(int slabUs, int mapUs, ReadMode expected)
    {
        TravelChoice choice = new(MaxUnderWay);
        Run(choice, way => way == ReadMode.Map ? mapUs : slabUs);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(expected, choice.Next()));
    }

    [Fact]
    public void A_disk_that_gets_slower_during_the_trial_does_not_decide_it()
    {
        TravelChoice choice = new(MaxUnderWay);
        int sent = 0;
        // Slower by half from first to last, and the mapping is better all the time.
        Run(choice, way => (way == ReadMode.Map ? 500 : 700) + (500 * sent++ / TrialSegments));
        Assert.Equal(ReadMode.Map, choice.Next());
    }

    [Fact]
    public void Segments_that_set_out_before_the_change_are_not_counted_for_the_way_after_it()
    {
        TravelChoice choice = new(MaxUnderWay);
        Queue<ReadMode> underWay = new();
        long nowUs = 0;
        for (int i = 0; i < TrialSegments; i++)
        {
            underWay.Enqueue(choice.Next());
            if (underWay.Count <= 6)
                continue;
            ReadMode way = underWay.Dequeue();
            // The last slabs come home quickly, together with the first mapped ones, which are slow.
            choice.Arrived(way, SegmentBytes, nowUs += way == ReadMode.Map ? 1300 : 700);
        }

        Assert.Equal(ReadMode.Slab, choice.Next());
    }

    [Fact]
    public void Time_that_went_into_other_files_is_charged_to_neither()
    {
        TravelChoice choice = new(MaxUnderWay);
        int sent = 0;
        // The mapping is faster, but another file is written for a second before each of its segments but a few.
        Run(choice, way => way == ReadMode.Map ? 400 : 700, before: way =>
        {
            if (way == ReadMode.Slab || sent++ % 16 != 0)
                return 0;
            choice.Interrupted();
            return 1_000_000;
        });
        Assert.Equal(ReadMode.Map, choice.Next());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public void However_much_is_under_way_some_of_each_stretch_is_counted(int maxUnderWay)
    {
        TravelChoice choice = new(maxUnderWay);
        Assert.InRange(choice.StretchSegments, 2 * maxUnderWay, int.MaxValue);
        long nowUs = 0;
        for (int i = 0; i < choice.StretchSegments * TravelChoice.Stretches; i++)
        {
            ReadMode way = choice.Next();
            choice.Arrived(way, SegmentBytes, nowUs += way == ReadMode.Map ? 400 : 700);
        }

        Assert.Equal(ReadMode.Map, choice.Next());
    }

    [Fact]
    public void Where_nothing_came_home_by_mapping_it_is_not_chosen()
    {
        TravelChoice choice = new(MaxUnderWay);
        for (int i = 0; i < TrialSegments; i++)
            _ = choice.Next();
        Assert.Equal(ReadMode.Slab, choice.Next());
    }

    private static void Run(TravelChoice choice, Func<ReadMode, int> segmentUs, Func<ReadMode, int>? before = null)
    {
        long nowUs = 1_000_000;
        for (int i = 0; i < TrialSegments; i++)
        {
            ReadMode way = choice.Next();
            nowUs += before?.Invoke(way) ?? 0;
            choice.Arrived(way, SegmentBytes, nowUs += segmentUs(way));
        }
    }
}
