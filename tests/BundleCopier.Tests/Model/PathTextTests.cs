using BundleCopier.Model;
using Xunit;

namespace BundleCopier.Tests.Model;

public sealed class PathTextTests
{
    [Theory]
    [InlineData("/a/b/c", "/a/b", "c")]
    [InlineData("/a", "/", "a")]
    [InlineData("/", "/", "")]
    [InlineData("a/b", "a", "b")]
    [InlineData("a", "", "a")]
    [InlineData("a/", "a", "")]
    [InlineData("", "", "")]
    public void A_path_is_split_at_its_last_slash(string path, string parent, string name)
    {
        Assert.Equal((parent, name), PathText.Split(path));
        Assert.Equal(name, path[PathText.NameStart(path)..]);
    }

    [Theory]
    [InlineData("/a//b/", ",a,,b,", "a,b")]
    [InlineData("a/b", "a,b", "a,b")]
    [InlineData("/", ",", "")]
    [InlineData("", "", "")]
    public void Components_include_empty_ones_and_names_do_not(string path, string components, string names)
    {
        Assert.Equal(components, string.Join(',', PathText.Components(path)));
        Assert.Equal(names, string.Join(',', PathText.Names(path)));
    }

    [Theory]
    [InlineData("/a/b/c", "/a,/a/b,/a/b/c")]
    [InlineData("a/b", "a,a/b")]
    [InlineData("//a//b//", "//a,//a//b")]
    [InlineData("/", "")]
    [InlineData("", "")]
    public void Prefixes_end_where_a_component_ends(string path, string prefixes) =>
        Assert.Equal(prefixes, string.Join(',', PathText.Prefixes(path)));

    [Theory]
    [InlineData("/a", "b", "/a/b")]
    [InlineData("/a//", "b", "/a/b")]
    [InlineData("/", "b", "/b")]
    [InlineData("a", "b/c", "a/b/c")]
    public void A_joined_path_has_one_slash_between_directory_and_name(string directory, string name, string path) =>
        Assert.Equal(path, PathText.Join(directory, name));
}
