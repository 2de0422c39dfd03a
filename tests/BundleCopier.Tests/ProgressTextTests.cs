using BundleCopier.Cli;
using Xunit;

namespace BundleCopier.Tests;

public sealed class ProgressTextTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(
        120,
        " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03  5/9 files  2 incomplete  held back: memory is short  "
            + "engine-of-the-ship.heap")]
    [InlineData(
        108,
        " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03  5/9 files  2 incomplete  held back: memory is short  "
            + "engine-of-th...")]
    [InlineData(80, " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03  2 incomplete  held back: memory is short")]
    [InlineData(64, " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03  5/9 files  2 incomplete")]
    [InlineData(60, " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03  2 incomplete")]
    [InlineData(40, " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03")]
    [InlineData(30, " 45%  1.2/2.7 GiB  ETA 0:03")]
    [InlineData(10, " 45%")]
    [InlineData(3, "")]
    [InlineData(-1, "")]
    public void What_does_not_fit_is_left_out(int columns, string expected) =>
        Assert.Equal(expected, AfterTwo(1260 * MiB, 2800 * MiB, columns));

    [Theory]
    [InlineData(CopyPhase.Copying, 11_200, "deadline in 12 s")]
    [InlineData(CopyPhase.Copying, 0, "deadline in 0 s")]
    public void The_time_until_the_deadline_is_shown_instead_of_the_estimate(CopyPhase phase, int leftMs, string words)
    {
        string text = new ProgressText().Of(Report(1, 10, phase: phase, untilDeadlineMs: leftMs));
        Assert.Contains(words, text, StringComparison.Ordinal);
        Assert.DoesNotContain("ETA", text, StringComparison.Ordinal);
    }

    [Fact]
    public void While_it_commits_there_is_no_time_left_and_not_yet_100_percent() =>
        Assert.Equal(
            "committing  10/10 B  5/9 files  2 incomplete",
            new ProgressText().Of(Report(10, 10, phase: CopyPhase.Committing, untilDeadlineMs: 5)));

    [Theory]
    [InlineData(7, 0, "7/9 files")]
    [InlineData(7, 2, "5/9 files  2 incomplete")]
    [InlineData(9, 9, "0/9 files  9 incomplete")]
    public void A_file_that_was_skipped_or_failed_does_not_count_as_copied(int done, int incomplete, string words) =>
        Assert.EndsWith(words, new ProgressText().Of(Report(1, 10, done, incomplete)), StringComparison.Ordinal);

    [Fact]
    public void The_rate_is_that_of_the_last_seconds()
    {
        ProgressRate rate = new();
        Assert.Null(rate.After(0, TimeSpan.Zero));
        for (int second = 1; second <= 10; second++)
            _ = rate.After(second * 1000, TimeSpan.FromSeconds(second));
        Assert.Equal(1000, rate.After(10_000, TimeSpan.FromSeconds(10)));
        // Nothing for as long as the window: an average since the start would say 500.
        Assert.Equal(0, rate.After(10_000, TimeSpan.FromSeconds(20))!.Value, 0.5 * 1000);
        _ = rate.After(10_000, TimeSpan.FromSeconds(21));
        Assert.Equal(0, rate.After(10_000, TimeSpan.FromSeconds(26))!.Value);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 KiB")]
    [InlineData(10_200, "10 KiB")]
    [InlineData(1023 * 1024, "1.0 MiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void A_short_size_has_at_most_three_digits(long sizeBytes, string text) =>
        Assert.Equal(text, AmountText.Short(sizeBytes));

    [Theory]
    [InlineData(0.1, "0:01")]
    [InlineData(59.5, "1:00")]
    [InlineData(3600, "1:00:00")]
    [InlineData(1e6, "11 days")]
    [InlineData(double.PositiveInfinity, "11574 days")]
    public void A_time_is_short(double seconds, string text) => Assert.Equal(text, AmountText.Clock(seconds));

    private static string AfterTwo(long dataBytes, long totalBytes, int columns)
    {
        ProgressText text = new();
        _ = text.Of(Report(dataBytes - 700 * MiB, totalBytes) with { Elapsed = TimeSpan.FromSeconds(1) });
        return text.Of(Held(Report(dataBytes, totalBytes)) with { Elapsed = TimeSpan.FromSeconds(2) }, columns);
    }

    private static CopyProgress Report(
        long dataBytes,
        long totalBytes,
        int done = 7,
        int incomplete = 2,
        CopyPhase phase = CopyPhase.Copying,
        int? untilDeadlineMs = null) => new(
        phase, done, incomplete, 9, dataBytes, totalBytes, 0, TimeSpan.FromSeconds(1),
        untilDeadlineMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null);

    private static CopyProgress Held(CopyProgress report) =>
        report with { HeldBackBy = CopyHold.Memory, CurrentFile = "engine-of-the-ship.heap" };
}
