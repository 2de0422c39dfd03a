using BundleCopier.Input;
using Xunit;

namespace BundleCopier.Tests.Input;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("with space, \"quotes\", \\ and ünïcode 文件 🙂")]
    [InlineData("")]
    public void Text_without_control_characters_stays_as_it_is(string text) => Assert.Same(text, Printable.Of(text));

    [Fact]
    public void Each_control_character_is_escaped_and_no_other()
    {
        string all = string.Concat(Enumerable.Range(0, 0x120).Select(static c => (char)c));
        string expected = string.Concat(all.Select(static c =>
            c is < ' ' or (>= '\u007f' and <= '\u009f') or '\u00ad' ? $"\\u{(int)c:x4}" : c.ToString()));
        Assert.Equal(expected, Printable.Of(all));
    }

    // C1: U+009B starts an escape sequence on some terminals, like ESC [.
    [Fact]
    public void A_control_character_above_ASCII_alone_is_escaped() =>
        Assert.Equal("a\\u009b2Jb", Printable.Of("a\u009b2Jb"));

    // U+202E shows "gpj.exe" as "exe.jpg"; U+2028 breaks lines in some programs; U+200B is not seen.
    [Theory]
    [InlineData('\u034f')]
    [InlineData('\u061c')]
    [InlineData('\u3164')]
    [InlineData('\u180e')]
    [InlineData('\u200b')]
    [InlineData('\u200e')]
    [InlineData('\u200f')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\u202a')]
    [InlineData('\u202e')]
    [InlineData('\u2066')]
    [InlineData('\u2069')]
    [InlineData('\ufeff')]
    public void What_changes_how_other_text_is_shown_is_escaped(char c) =>
        Assert.Equal($"a🙂\\u{(int)c:x4}🙂b", Printable.Of($"a🙂{c}🙂b"));

    [Fact]
    public void Escaped_text_is_not_escaped_again() =>
        Assert.Equal("\\u001b[2J", Printable.Of(Printable.Of("\u001b[2J")));

    [Fact]
    public void A_name_with_bytes_that_are_not_UTF8_has_the_spelling_of_the_receipt()
    {
        Assert.Equal(@"a\\b\xff\u000a", Printable.Of("a\\b\udcff\n"));
        Assert.Equal(@"a\\b\xff", Printable.Of(Printable.Of("a\\b\udcff")));
    }

    [Fact]
    public void The_middle_that_is_left_out_does_not_begin_or_end_in_a_character()
    {
        string skulls = string.Concat(Enumerable.Repeat("💀", 100));
        Assert.DoesNotContain("\\x", Printable.Of(Printable.Quoted("a" + skulls)), StringComparison.Ordinal);
        Assert.DoesNotContain("\\x", Printable.Of(Printable.Quoted(skulls + "a")), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_text_is_quoted_without_its_middle()
    {
        Assert.Equal($"\"{new string('a', 120)}\"", Printable.Quoted(new string('a', 120)));
        string quoted = Printable.Quoted(new string('a', 100_000) + new string('b', 100_000));
        Assert.Equal($"\"{new string('a', 60)}...{new string('b', 60)}\"", quoted);
    }
}
