using BundleCopier.Cli;
using Xunit;

namespace BundleCopier.Tests;

public sealed class ProgressBarTests
{
    [Theory]
    [InlineData(CopyPhase.Copying, 11_200, ", deadline in 12 s")]
    [InlineData(CopyPhase.Copying, 0, ", deadline in 0 s")]
    [InlineData(CopyPhase.Committing, 0, "/s")]
    public void The_time_until_the_deadline_is_shown_while_it_counts(CopyPhase phase, int leftMs, string end) =>
        Assert.EndsWith(
            end,
            ProgressBar.Describe(new CopyProgress(
                phase, 1, 0, 9, 5, 10, 0, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(leftMs))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(7, 0, "7/9 files, ")]
    [InlineData(7, 2, "5/9 files, 2 incomplete, ")]
    [InlineData(9, 9, "0/9 files, 9 incomplete, ")]
    public void A_file_that_was_skipped_or_failed_does_not_count_as_copied(int done, int incomplete, string words) =>
        Assert.Contains(
            words, ProgressBar.Describe(
            new CopyProgress(
            CopyPhase.Copying, done, incomplete, 9, 5, 10, 0, TimeSpan.FromSeconds(1))), StringComparison.Ordinal);
}
