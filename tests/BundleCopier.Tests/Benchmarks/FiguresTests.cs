using BundleCopier.Benchmarks.Running;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class FiguresTests
{
    [Fact]
    public void The_median_of_an_odd_number_of_figures_is_the_one_in_the_middle() =>
        Assert.Equal(new Summary(2, 1, 9), Summary.Of([9, 1, 2]));

    [Fact]
    public void The_median_of_an_even_number_of_figures_lies_between_the_two_in_the_middle() =>
        Assert.Equal(new Summary(3, 1, 9), Summary.Of([9, 1, 2, 4]));

    [Fact]
    public void No_values_have_no_median() => Assert.Throws<ArgumentException>(() => Summary.Of([]));

    [Fact]
    public void Rates_count_the_bytes_that_were_copied()
    {
        Series series = new("id", "title", IsOurs: true, 2L << 30,
            [
                new Measurement(2, 1, 3 << 20, 0),
                new Measurement(1, 3, 5 << 20, 1 << 20),
                new Measurement(4, 2, 4 << 20, 0)]);

        Assert.Equal(new Summary(1024, 512, 2048), series.MiBPerSecond);
        Assert.Equal(new Summary(1, 0.5, 1.5), series.CpuSecondsPerGiB);
        Assert.Equal(new Summary(4, 3, 5), series.PeakRssMiB);
        Assert.Equal(new Summary(0, 0, 1), series.CachedMiB);
    }
}
