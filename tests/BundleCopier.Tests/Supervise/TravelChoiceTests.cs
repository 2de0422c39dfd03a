using BundleCopier.Receipt;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class TravelChoiceTests
{
    private const int SegmentBytes = 1 << 20;
    private const int MostUnderWay = 8;
    private static readonly int TrialSegments = new TravelChoice(MostUnderWay).StretchSegments * TravelChoice.Stretches;

    [Fact]
    public void Both_ways_are_tried_for_as_many_segments_in_turn()
    {
        TravelChoice choice = new(MostUnderWay);
        Travel[] tried = [.. Enumerable.Range(0, TrialSegments).Select(_ => choice.Next())];
        Assert.Equal(TrialSegments / 2, tried.Count(t => t == Travel.Map));
        Assert.Equal(TravelChoice.Stretches - 1, tried.Zip(tried.Skip(1)).Count(pair => pair.First != pair.Second));
    }

    [Theory]
    [InlineData(700, 1300, Travel.Slab)] // scattered pages: the mapping goes out in small pieces
    [InlineData(700, 800, Travel.Slab)]
    [InlineData(700, 700, Travel.Map)] // as fast, for less CPU time
    [InlineData(700, 400, Travel.Map)]
    public void The_faster_way_is_kept(int slabUs, int mapUs, Travel expected)
    {
        TravelChoice choice = new(MostUnderWay);
        Run(choice, way => way == Travel.Map ? mapUs : slabUs);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(expected, choice.Next()));
    }

    [Fact]
    public void A_disk_that_gets_slower_during_the_trial_does_not_decide_it()
    {
        TravelChoice choice = new(MostUnderWay);
        int sent = 0;
        // Slower by half from first to last, and the mapping is better all the time.
        Run(choice, way => (way == Travel.Map ? 500 : 700) + (500 * sent++ / TrialSegments));
        Assert.Equal(Travel.Map, choice.Next());
    }

    [Fact]
    public void Segments_that_set_out_before_the_change_are_not_counted_for_the_way_after_it()
    {
        TravelChoice choice = new(MostUnderWay);
        Queue<Travel> underWay = new();
        long nowUs = 0;
        for (int i = 0; i < TrialSegments; i++)
        {
            underWay.Enqueue(choice.Next());
            if (underWay.Count <= 6)
                continue;
            Travel way = underWay.Dequeue();
            // The last slabs come home quickly, together with the first mapped ones, which are slow.
            choice.Arrived(way, SegmentBytes, nowUs += way == Travel.Map ? 1300 : 700);
        }

        Assert.Equal(Travel.Slab, choice.Next());
    }

    [Fact]
    public void Time_that_went_into_other_files_is_charged_to_neither()
    {
        TravelChoice choice = new(MostUnderWay);
        int sent = 0;
        // The mapping is faster, but another file is written for a second before each of its segments but a few.
        Run(choice, way => way == Travel.Map ? 400 : 700, before: way =>
        {
            if (way == Travel.Slab || sent++ % 16 != 0)
                return 0;
            choice.Interrupted();
            return 1_000_000;
        });
        Assert.Equal(Travel.Map, choice.Next());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public void However_much_is_under_way_some_of_each_stretch_is_counted(int mostUnderWay)
    {
        TravelChoice choice = new(mostUnderWay);
        Assert.InRange(choice.StretchSegments, 2 * mostUnderWay, int.MaxValue);
        long nowUs = 0;
        for (int i = 0; i < choice.StretchSegments * TravelChoice.Stretches; i++)
        {
            Travel way = choice.Next();
            choice.Arrived(way, SegmentBytes, nowUs += way == Travel.Map ? 400 : 700);
        }

        Assert.Equal(Travel.Map, choice.Next());
    }

    [Fact]
    public void Where_nothing_came_home_by_mapping_it_is_not_chosen()
    {
        TravelChoice choice = new(MostUnderWay);
        for (int i = 0; i < TrialSegments; i++)
            _ = choice.Next();
        Assert.Equal(Travel.Slab, choice.Next());
    }

    private static void Run(TravelChoice choice, Func<Travel, int> segmentUs, Func<Travel, int>? before = null)
    {
        long nowUs = 1_000_000;
        for (int i = 0; i < TrialSegments; i++)
        {
            Travel way = choice.Next();
            nowUs += before?.Invoke(way) ?? 0;
            choice.Arrived(way, SegmentBytes, nowUs += segmentUs(way));
        }
    }
}
