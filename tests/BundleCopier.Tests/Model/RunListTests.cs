using BundleCopier.Model;
using Xunit;

namespace BundleCopier.Tests.Model;

public sealed class RunListTests
{
    [Fact]
    public void Runs_that_touch_are_joined_and_others_stay_separate()
    {
        RunList runs = new();
        runs.Add(0, 4096);
        runs.Add(4096, 8192);
        runs.Add(16384, 4096);
        Assert.Equal([new Run(0, 12288), new Run(16384, 4096)], runs.AsSpan().ToArray());
        Assert.Equal(16384, runs.TotalBytes);
    }

    [Fact]
    public void There_is_room_for_every_second_block_of_a_segment()
    {
        RunList runs = new();
        for (int block = 0; block < SegmentGrid.BlocksPerSegment; block += 2)
            runs.Add(block * Alignment.Bytes, Alignment.Bytes);
        Assert.Equal(SegmentGrid.BlocksPerSegment / 2, runs.Count);
    }

    [Fact]
    public void Adding_a_run_before_the_last_one_throws()
    {
        RunList runs = new();
        runs.Add(8192, 4096);
        Assert.Throws<ArgumentOutOfRangeException>(() => runs.Add(4096, 8192));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4096, 4096)]
    [InlineData(8192, 8192)]
    [InlineData(12288, 8192)]
    [InlineData(16384, 8192)]
    [InlineData(20480, 12288)]
    [InlineData(1 << 20, 12288)]
    public void Cutting_keeps_everything_before_the_cut(int at, int left)
    {
        RunList runs = new();
        runs.Add(0, 8192);
        runs.Add(16384, 4096);
        runs.CutAt(at);
        Assert.Equal(left, runs.TotalBytes);
    }
}
