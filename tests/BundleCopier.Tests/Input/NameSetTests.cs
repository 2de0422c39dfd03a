using BundleCopier.Input;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Input;

public sealed class NameSetTests
{
    [Fact]
    public void Equal_names_clash() => Assert.False(Clash("a", "b", "a")!.IsDirectory);

    [Fact]
    public void A_name_that_is_a_directory_of_another_clashes()
    {
        // '!' and '-' come before '/', so plain ordinal order would put these names between "a" and "a/b".
        NameClash clash = Clash("a/b", "a!", "a-", "a")!;
        Assert.True(clash.IsDirectory);
        Assert.Equal(("a", "a/b"), (clash.First.Name, clash.Second.Name));
    }

    [Fact]
    public void Names_that_only_start_with_the_same_text_do_not_clash() =>
        Assert.Null(Clash("a", "ab", "a-/x", "b/a", "b/ab"));

    [Fact]
    public void A_set_claims_its_names_and_the_directories_above_them_and_nothing_else()
    {
        NameSet names = Set("x", "d/e/f", "x.lz4/y");
        Assert.All((string[])["x", "d", "d/e", "d/e/f", "x.lz4"], path => Assert.True(names.Claims(path), path));
        string[] others = ["y", "d/f", "d/e/f/g", "x.lz", "d.lz4", ""];
        Assert.All(others, path => Assert.False(names.Claims(path), path));
    }

    [Fact]
    public void Sorting_finds_the_same_clashes_as_comparing_every_pair() =>
        Gen.String[Gen.Char["ab/!"], 1, 5].Array[0, 8].Sample(names =>
        {
            bool expected = names.Index().Any(x => names.Index().Any(y => x.Index != y.Index
                && (x.Item == y.Item || y.Item.StartsWith(x.Item + "/", StringComparison.Ordinal))));
            return Clash(names) is not null == expected;
        });

    [Fact]
    public void Names_of_thousands_of_components_are_checked_without_delay()
    {
        string deep = string.Concat(Enumerable.Repeat("a/", 2000));
        Assert.Null(Clash([.. Enumerable.Range(0, 2000).Select(i => $"{deep}{i}")]));
    }

    private static NameClash? Clash(params string[] names) => NameSet.Of(Entries(names)).Clash;

    private static NameSet Set(params string[] names) => NameSet.Of(Entries(names)).Names!;

    private static IEnumerable<NamedEntry> Entries(string[] names) =>
        names.Select((n, i) => new NamedEntry(n, $"files[{i}]", i));
}
