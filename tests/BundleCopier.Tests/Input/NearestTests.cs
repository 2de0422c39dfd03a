using BundleCopier.Input;
using Xunit;

namespace BundleCopier.Tests.Input;

public sealed class NearestTests
{
    private static readonly string[] Fields = ["source", "name", "ranges", "priority"];

    [Theory]
    [InlineData("nmae", "name")]
    [InlineData("prioritty", "priority")]
    [InlineData("Source", "source")]
    [InlineData("range", "ranges")]
    public void A_mistyped_word_finds_the_right_one(string word, string meant) =>
        Assert.Equal(meant, Nearest.To(word, Fields));

    [Theory]
    [InlineData("colour")]
    [InlineData("")]
    [InlineData("x")]
    public void A_word_that_is_similar_to_none_finds_none(string word) => Assert.Null(Nearest.To(word, Fields));

    [Fact]
    public void A_word_of_a_megabyte_is_rejected_without_delay() =>
        Assert.Null(Nearest.To(new string('n', 1_000_000), Fields));

    [Fact]
    public void The_correction_names_the_most_similar_word_or_all_words()
    {
        Assert.Equal("Did you mean \"name\"?", Nearest.Mend("nmae", Fields));
        Assert.Equal("Allowed here: source, name, ranges, priority.", Nearest.Mend("colour", Fields));
    }
}
