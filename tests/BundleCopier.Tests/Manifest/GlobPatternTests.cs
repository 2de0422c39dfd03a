using System.Diagnostics;
using BundleCopier.Manifest;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Manifest;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("engine-*.ring", "engine-1.ring", true)]
    [InlineData("engine-*.ring", "engine-.ring", true)]
    [InlineData("engine-*.ring", "engine-1.ring.old", false)]
    [InlineData("*", "anything", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "a😀c", true)]
    [InlineData("[abc]x", "bx", true)]
    [InlineData("[abc]x", "dx", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[c-a]x", "bx", false)]
    [InlineData("[!abc]x", "dx", true)]
    [InlineData("[!abc]x", "ax", false)]
    [InlineData("[^abc]x", "dx", true)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("[!]]x", "]x", false)]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("[*]x", "*x", true)]
    [InlineData("[*]x", "ax", false)]
    [InlineData("\\*x", "*x", true)]
    [InlineData("\\*x", "ax", false)]
    [InlineData("[\\]]*", "]x", true)]
    [InlineData("core.[[:digit:]]*", "core.17", true)]
    [InlineData("core.[[:digit:]]*", "core.x", false)]
    [InlineData("[[:nothing:]]", "n", false)]
    [InlineData("*a*b*c*", "xxaxxbxxcxx", true)]
    [InlineData("a**b", "ab", true)]
    [InlineData("*[", "x[", true)]
    public void A_pattern_matches_as_glob_7_says(string pattern, string name, bool matches) =>
        Assert.Equal(matches, GlobPattern.Parse(pattern).IsMatch(name));

    [Theory]
    [InlineData("*")]
    [InlineData("?hidden")]
    [InlineData("[.]hidden")]
    [InlineData("[!a]hidden")]
    public void A_leading_dot_is_not_matched_by_a_wildcard(string pattern) =>
        Assert.False(GlobPattern.Parse(pattern).IsMatch(".hidden"));

    [Fact]
    public void A_leading_dot_that_is_written_matches() => Assert.True(GlobPattern.Parse(".h*").IsMatch(".hidden"));

    // Bytes that are not UTF-8, here 0xFF and 0x80, count as one character each.
    [Fact]
    public void A_byte_that_is_not_UTF8_is_one_character()
    {
        string[] matching = ["*", "a?b?", "a[!x]b*", "a\udcffb\udc80", "a[\udcf0-\udcff]b?", "?\udcff*"];
        Assert.All(matching, static p => Assert.True(GlobPattern.Parse(p).IsMatch("a\udcffb\udc80"), p));
        string[] other = ["a??b?", "ab", "a[x]b?", "a[\u0001-\U0010FFFF]b?", "a\udcfeb?", "*\udcff"];
        Assert.All(other, static p => Assert.False(GlobPattern.Parse(p).IsMatch("a\udcffb\udc80"), p));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("a?", true)]
    [InlineData("[a]", true)]
    [InlineData("\\*", true)]
    [InlineData("plain.heap", false)]
    [InlineData("dev\\x2dshm", false)]
    [InlineData("a[b", false)]
    [InlineData("a]b", false)]
    [InlineData("[]", false)]
    public void Only_a_name_with_a_wildcard_is_a_pattern(string component, bool isPattern) =>
        Assert.Equal(isPattern, GlobPattern.IsPattern(component));

    [Fact]
    public void Many_stars_do_not_take_exponential_time()
    {
        Stopwatch watch = Stopwatch.StartNew();
        Assert.False(
            GlobPattern.Parse(string.Concat(Enumerable.Repeat("a*", 2000)) + "b").IsMatch(new string('a', 4000)));
        Assert.False(GlobPattern.IsPattern(new string('[', 100_000)));
        // The work is about eight million steps; exponential matching would practically never end.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Matching_agrees_with_a_naive_reference() =>
        Gen.Select(Gen.String[Gen.Char["ab.*?[]!-\\"], 0, 8], Gen.String[Gen.Char["ab.-]"], 0, 6])
            .Sample((pattern, name) =>
                GlobPattern.Parse(pattern).IsMatch(name) == NaiveGlob.IsMatch(pattern, name), iter: 200_000);
}
