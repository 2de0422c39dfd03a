using BundleCopier.Input;
using Xunit;

namespace BundleCopier.Tests.Input;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("cache/region0")]
    [InlineData("...")]
    [InlineData(".hidden")]
    [InlineData("with space and\nline break")]
    [InlineData("ünïcode/文件")]
    public void A_relative_path_is_a_name(string name) => Assert.Null(NameRules.NameProblem(name));

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\0b")]
    public void A_path_that_could_leave_the_bundle_or_has_two_spellings_is_not_a_name(string name) =>
        Assert.NotNull(NameRules.NameProblem(name));

    // Not in the list above, because an attribute cannot contain half a surrogate pair.
    [Fact]
    public void Half_of_a_surrogate_pair_is_not_a_name() => Assert.NotNull(NameRules.NameProblem("a\ud800b"));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_part_of_a_name_in_one_spelling()
    {
        Assert.Null(NameRules.NameProblem("a/\udcff\udc80"));
        // These bytes are the character €.
        Assert.NotNull(NameRules.NameProblem("a/\udce2\udc82\udcac"));
        Assert.NotNull(NameRules.NameProblem("a\udc00b"));
    }

    [Fact]
    public void Only_the_last_component_must_leave_room_for_the_suffix()
    {
        Assert.Null(NameRules.NameProblem($"{new string('d', 255)}/{new string('n', 251)}"));
        Assert.NotNull(NameRules.NameProblem(new string('n', 252)));
        Assert.NotNull(NameRules.NameProblem($"{new string('d', 256)}/n"));
        Assert.Null(NameRules.OutputProblem($"files/{new string('n', 255)}"));
    }

    [Fact]
    public void Length_is_counted_in_bytes_and_not_in_characters()
    {
        Assert.Null(NameRules.NameProblem(new string('ü', 125)));
        Assert.NotNull(NameRules.NameProblem(new string('ü', 126)));
        Assert.Null(NameRules.NameProblem(new string('\udcff', 251)));
    }

    [Fact]
    public void The_whole_path_with_prefix_and_suffix_fits_a_system_call()
    {
        string longest = string.Concat(Enumerable.Repeat($"{new string('d', 99)}/", 40)) + new string('n', 85);
        Assert.Equal(4085, longest.Length);
        Assert.Null(NameRules.NameProblem(longest));
        Assert.NotNull(NameRules.NameProblem(longest + "n"));
    }

    [Theory]
    [InlineData("files/../receipt.json")]
    [InlineData("receipt.json")]
    [InlineData("/files/a")]
    [InlineData("files/")]
    [InlineData("files//etc/passwd")]
    public void An_output_outside_files_is_refused(string output) => Assert.NotNull(NameRules.OutputProblem(output));

    [Theory]
    [InlineData("node17-20261122T201405Z", true)]
    [InlineData("a.b_c-D", true)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ü", false)]
    [InlineData("a\n", false)]
    public void A_bundle_is_one_plain_component(string bundle, bool allowed) =>
        Assert.Equal(allowed, NameRules.BundleProblem(bundle) is null);

    [Fact]
    public void A_bundle_has_at_most_200_bytes()
    {
        Assert.Null(NameRules.BundleProblem(new string('b', 200)));
        Assert.NotNull(NameRules.BundleProblem(new string('b', 201)));
    }
}
