using BundleCopier.Input;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>What a NAME on the command line means.</summary>
public sealed class NameChoiceTests
{
    private static readonly string[] All =
        ["core", "engine-1.ring", "engine-2.ring", ".hidden", "cache/a", "cache/b.ring", "cache/deep/c", "cached"];

    [Theory]
    [InlineData("core", "core")]
    [InlineData("cache", "cache/a cache/b.ring cache/deep/c")]
    [InlineData("cache/", "cache/a cache/b.ring cache/deep/c")]
    [InlineData("cache/deep", "cache/deep/c")]
    [InlineData("engine-*.ring", "engine-1.ring engine-2.ring")]
    [InlineData("engine-[!1].ring", "engine-2.ring")]
    [InlineData("*", "core engine-1.ring engine-2.ring cache/a cache/b.ring cache/deep/c cached")]
    [InlineData(".*", ".hidden")]
    [InlineData("cache/*.ring", "cache/b.ring")]
    [InlineData("cache/*", "cache/a cache/b.ring cache/deep/c")]
    [InlineData("ca?he", "cache/a cache/b.ring cache/deep/c")]
    [InlineData("core cache/deep engine-1*", "core engine-1.ring cache/deep/c")]
    public void A_name_means_a_file_a_directory_or_what_matches(string names, string meant) =>
        Assert.Equal(meant.Split(' '), Chosen(Files(All), names.Split(' ')));

    [Fact]
    public void A_file_with_the_characters_of_a_pattern_comes_before_the_pattern()
    {
        Assert.Equal(["a*"], Chosen(Files("a*", "ab"), "a*"));
        Assert.Equal(["d*/x"], Chosen(Files("d*/x", "de/x"), "d*/x"));
        Assert.Equal(["d*/x"], Chosen(Files("d*/x", "d/y"), "d*/x"));
    }

    [Fact]
    public void A_pattern_that_the_copy_did_not_find_also_means_what_another_source_has_brought()
    {
        ReceiptFile absent = Receipts.Raw("*.ring", []) with { Output = null, Status = FileStatus.Failed };
        Assert.Equal(["a.ring", "*.ring"], Chosen([.. Files("a.ring", "b"), absent], "*.ring"));
        Assert.Equal(["*.ring"], Chosen([.. Files("b"), absent], "*.ring"));
    }

    [Theory]
    [InlineData("coer", "\"coer\" is not in the bundle. Did you mean \"core\"?")]
    [InlineData("cahce", "Did you mean \"cache\" or \"cached\"?")]
    [InlineData("engine-.ring", "Did you mean \"engine-1.ring\" or \"engine-2.ring\"?")]
    [InlineData("engine-*.rnig",
        "matches nothing in the bundle. Did you mean \"engine-1.ring\" or \"engine-2.ring\"?")]
    [InlineData("nothing-like-it", "The receipt lists the names.")]
    [InlineData("*/a", "Wildcards work only in the last component")]
    [InlineData("cache/d*p/c", "Wildcards work only in the last component")]
    [InlineData("", "\"\" is not in the bundle")]
    [InlineData("/", "is not in the bundle")]
    public void A_name_that_means_nothing_is_an_error_with_the_nearest_names(string name, string message)
    {
        IReadOnlyList<ReceiptFile> files = Files(All);
        Parsed<NameChoice> choice = NameChoice.Of(files, ["core", name], one => NameChoice.Unknown(files, one));
        Assert.False(choice.IsOk);
        Assert.Contains(message, choice.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_most_similar_words_come_first_and_not_more_than_wanted()
    {
        Assert.Equal(["name", "names", "game"], Nearest.Some("name", ["names", "game", "name", "name", "x"], 3));
        Assert.Equal(["nmae"], Nearest.Some("nmae", ["names", "name", "nmae"], 1));
        Assert.Empty(Nearest.Some("colour", ["source"], 3));
    }

    private static ReceiptFile[] Files(params string[] names) =>
        [.. names.Select(static name => Receipts.Raw(name, [1]))];

    private static IEnumerable<string> Chosen(IReadOnlyList<ReceiptFile> files, params string[] names)
    {
        Parsed<NameChoice> choice = NameChoice.Of(files, names, one => NameChoice.Unknown(files, one));
        Assert.True(choice.IsOk, choice.ToString());
        return files.Where(choice.Value.IsChosen).Select(static f => f.Name);
    }
}
