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
    public void A_slip_of_the_keys_finds_the_word_that_was_meant(string word, string meant) => Assert.Equal(meant, Nearest.To(word, Fields));

    [Theory]
    [InlineData("colour")]
    [InlineData("")]
    [InlineData("x")]
    public void A_word_that_is_near_to_nothing_finds_nothing(string word) => Assert.Null(Nearest.To(word, Fields));

    [Fact]
    public void A_megabyte_of_word_costs_nothing() => Assert.Null(Nearest.To(new string('n', 1_000_000), Fields));

    [Fact]
    public void The_mend_names_the_nearest_or_else_all() =>
        Assert.Equal(("Did you mean \"name\"?", "Allowed here: source, name, ranges, priority."), (Nearest.Mend("nmae", Fields), Nearest.Mend("colour", Fields)));
}
