using BundleCopier.Compress;
using BundleCopier.Segments;
using Xunit;

namespace BundleCopier.Tests.Compress;

/// <summary>The choice between compressing and storing, over speeds that are given.</summary>
public sealed class CompressChoiceTests
{
    private const long Segment = 1 << 20;

    [Theory]
    [InlineData(2000, 500, null, nameof(CompressEffort.Store))] // the disk is faster than both compressors together
    [InlineData(800, 500, null, nameof(CompressEffort.Sample))] // it is slower, but not by much
    [InlineData(200, 500, null, nameof(CompressEffort.Compress))]
    [InlineData(2000, 500, 100L << 20, nameof(CompressEffort.Compress))] // it is fast, and may not be
    public void The_slower_of_disk_and_processor_decides(
        int diskMiBs, int compressorMiBs, long? maxRateBytes, string expected)
    {
        CompressChoice choice = new(compressors: 2, maxRateBytes);
        for (int i = 0; i < 40; i++)
        {
            choice.Next();
            choice.Compressed(Segment, 1_000_000 / compressorMiBs, shrank: true);
            choice.Written(Segment, 2_000_000 / diskMiBs, writersAtWork: 2);
        }

        Assert.Equal(expected, choice.Next().ToString());
    }

    [Fact]
    public void The_first_segments_are_stored_so_that_the_disk_never_waits_for_a_decision() =>
        Assert.Equal(CompressEffort.Store, new CompressChoice(2, null).Next());

    [Fact]
    public void A_disk_that_becomes_slow_is_detected()
    {
        CompressChoice choice = new(2, null);
        Feed(choice, diskMiBs: 3000, count: 60);
        Assert.Equal(CompressEffort.Store, choice.Next());
        Feed(choice, diskMiBs: 100, count: 60);
        Assert.Equal(CompressEffort.Compress, choice.Next());
    }

    [Fact]
    public void After_segments_that_do_not_shrink_only_samples_are_compressed_until_one_shrinks()
    {
        CompressChoice choice = new(2, null);
        Feed(choice, diskMiBs: 100, count: 60);
        for (int i = 0; i < 20; i++)
            choice.Compressed(Segment, 300, shrank: false);
        Assert.Equal(CompressEffort.Sample, choice.Next());
        choice.Compressed(Segment, 2000, shrank: true);
        Assert.Equal(CompressEffort.Compress, choice.Next());
    }

    private static void Feed(CompressChoice choice, int diskMiBs, int count)
    {
        for (int i = 0; i < count; i++)
        {
            choice.Next();
            choice.Compressed(Segment, 2000, shrank: true);
            choice.Written(Segment, 2_000_000 / diskMiBs, writersAtWork: 2);
        }
    }
}
