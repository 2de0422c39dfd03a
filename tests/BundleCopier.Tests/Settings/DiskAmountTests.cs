using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Settings;

public sealed class DiskAmountTests
{
    [Theory]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("4096", 4096)]
    [InlineData("0", 0)]
    [InlineData("15%", 1500)]
    [InlineData("2.5 %", 250)]
    [InlineData("100%", 10_000)]
    public void An_amount_is_bytes_or_a_share_of_the_filesystem(string text, long sizeBytes) =>
        Assert.Equal(sizeBytes, DiskAmount.Parse(text)?.Of(10_000));

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("-1%")]
    [InlineData("101%")]
    [InlineData("NaN%")]
    [InlineData("a lot")]
    [InlineData("-5GiB")]
    [InlineData("5% GiB")]
    public void A_text_that_is_no_amount_is_not_read(string text) => Assert.Null(DiskAmount.Parse(text));

    [Fact]
    public void A_share_of_a_filesystem_without_a_size_is_unknown()
    {
        Assert.Null(DiskAmount.OfPercent(5).Of(null));
        Assert.Equal(5, DiskAmount.OfBytes(5).Of(null));
    }
}
