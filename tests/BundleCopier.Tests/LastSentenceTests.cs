using BundleCopier.Cli;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests;

public sealed class LastSentenceTests
{
    private const long MiB = 1 << 20;
    private static readonly ReceiptMissing Full = new("ENOSPC", 2, 182 * MiB, "the disk is full");
    private static readonly ReceiptMissing Absent = new("ENOENT", 1, 0, "there is no such file");

    [Fact]
    public void It_tells_what_is_saved_what_is_missing_and_why() => Assert.Equal(
        "178 of 360 MiB saved; 182 MiB missing: the disk is full",
        LastSentence.Of(Saved(178, missingMiB: 182), [Full]));

    [Fact]
    public void Each_size_has_its_own_unit_where_they_differ() => Assert.Equal(
        "178 MiB of 2.17 GiB saved; 2 GiB missing: the disk is full",
        LastSentence.Of(Saved(178, missingMiB: 2048), [Full]));

    [Fact]
    public void The_largest_cause_comes_first_and_the_others_are_counted() => Assert.Equal(
        "178 of 360 MiB saved; 182 MiB and 1 file of unknown size missing: the disk is full; and 2 more causes",
        LastSentence.Of(Saved(178, missingMiB: 182, unopened: 1), [Full, Absent, new("EIO", 1, 0, "it broke")]));

    [Fact]
    public void Files_that_were_not_opened_have_no_known_size() => Assert.Equal(
        "178 MiB saved; 1 file of unknown size missing: there is no such file",
        LastSentence.Of(Saved(178, unopened: 1), [Absent]));

    [Fact]
    public void A_file_that_grew_lacks_nothing_and_is_not_complete() => Assert.Equal(
        "178 MiB saved; 2 files not complete: a source became longer",
        LastSentence.Of(Saved(178), [new("GREW", 2, 0, "a source became longer")]));

    [Fact]
    public void A_receipt_of_an_earlier_version_gives_its_code() => Assert.Equal(
        "178 of 360 MiB saved; 182 MiB missing: ENOSPC",
        LastSentence.Of(Saved(178, missingMiB: 182), [Full with { Reason = null }]));

    private static SavedBytes Saved(long savedMiB, long missingMiB = 0, int unopened = 0) =>
        new(savedMiB * MiB, savedMiB * MiB, missingMiB * MiB, WholeFiles: 1, PartFiles: 1, unopened);
}
