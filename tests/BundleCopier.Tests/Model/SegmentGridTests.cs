using BundleCopier.Model;
using Xunit;

namespace BundleCopier.Tests.Model;

public sealed class SegmentGridTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, MiB, (int)MiB)]
    [InlineData(0, MiB + 1, (int)MiB)]
    [InlineData(1, MiB + 1, 1)]
    [InlineData((1L << 43) - 1, long.MaxValue, (int)MiB - 1)]
    public void Only_the_last_segment_is_shorter(long segment, long sizeBytes, int length) =>
        Assert.Equal(length, SegmentGrid.LengthOf(segment, sizeBytes));
}
