using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Settings;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("0.5s", 500)]
    [InlineData("30 s", 30_000)]
    [InlineData("1m", 60_000)]
    [InlineData("1.5min", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("7d", 604_800_000)]
    public void A_time_is_read_in_its_unit(string text, long timeMs)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan time));
        Assert.Equal(timeMs, time.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("5 parsecs")]
    [InlineData("infinite")]
    [InlineData("999999999999999999999999h")]
    public void A_text_that_is_no_time_is_not_read(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(250, "250ms")]
    [InlineData(30_000, "30s")]
    [InlineData(60_000, "1m")]
    [InlineData(86_400_000, "24h")]
    public void A_time_is_shown_in_the_form_of_a_setting(long timeMs, string text) =>
        Assert.Equal(text, Duration.Format(TimeSpan.FromMilliseconds(timeMs)));

    [Theory]
    [InlineData(250, "250 ms")]
    [InlineData(1_500, "1.5 s")]
    [InlineData(30_000, "30 s")]
    [InlineData(90_000, "90 s")]
    [InlineData(120_000, "2 min")]
    [InlineData(3_600_000, "1 h")]
    public void A_time_in_a_sentence_has_a_space_before_its_unit(int timeMs, string words) =>
        Assert.Equal(words, Duration.InWords(TimeSpan.FromMilliseconds(timeMs)));
}
