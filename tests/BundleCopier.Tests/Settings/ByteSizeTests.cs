using BundleCopier.Settings;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Settings;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("32MiB", 32L << 20)]
    [InlineData("512KiB", 512L << 10)]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("2TiB", 2L << 40)]
    [InlineData("4096", 4096)]
    [InlineData("4096B", 4096)]
    [InlineData("0", 0)]
    [InlineData(" 32 mib ", 32L << 20)]
    [InlineData("4k", 4096)]
    [InlineData("4M", 4L << 20)]
    [InlineData("4g", 4L << 30)]
    [InlineData("4kB", 4000)]
    [InlineData("4MB", 4_000_000)]
    [InlineData("4GB", 4_000_000_000)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_is_read_in_its_unit(string text, long sizeBytes)
    {
        Assert.True(ByteSize.TryParse(text, out long read));
        Assert.Equal(sizeBytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1,5MiB")]
    [InlineData("1.MiB")]
    [InlineData(".5MiB")]
    [InlineData("1.2.3")]
    [InlineData("1.5")]
    [InlineData("0.3KiB")]
    [InlineData("1e3")]
    [InlineData("32 M i B")]
    [InlineData("32mebi")]
    [InlineData("9223372036854775808")]
    [InlineData("8388608TiB")]
    [InlineData("99999999999999999999999999999999999999GiB")]
    public void A_text_that_is_no_size_or_too_large_is_not_read(string text) =>
        Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(17, "17 B")]
    [InlineData(4096, "4 KiB")]
    [InlineData(32 << 20, "32 MiB")]
    [InlineData(3L << 29, "1.5 GiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void A_size_is_shown_in_the_largest_unit_that_fits(long sizeBytes, string text) =>
        Assert.Equal(text, ByteSize.Format(sizeBytes));

    [Fact]
    public void A_size_written_as_a_setting_reads_back_the_same() =>
        Gen.OneOf(Gen.Long[0, long.MaxValue], Gen.Long[0, 4096].Select(n => n << 20))
            .Sample(size => ByteSize.TryParse(ByteSize.ToSetting(size), out long read) && read == size);

    [Fact]
    public void No_text_at_all_throws() =>
        Gen.String[Gen.Char["0123456789.kMGiBb -"], 0, 30].Sample(text => { _ = ByteSize.TryParse(text, out _); });
}
