using System.Text;
using BundleCopier.Model;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Model;

public sealed class NameBytesTests
{
    // Parts of characters, and what must not be written in UTF-8, are rare among any bytes.
    private static readonly byte[][] Parts =
    [
        [(byte)'a'], [.. "\\xff"u8], [.. "ü"u8], [.. "文"u8], [.. "💀"u8], [.. "\uFFFD"u8], [0xFF], [0x80],
        [0xE2, 0x82], [0xED, 0xB2, 0x80], [0xED, 0xA0, 0xBD], [0xC0, 0x80], [0xF0, 0x9F, 0x92],
        [0xF4, 0x90, 0x80, 0x80],
    ];

    private static readonly Gen<byte[]> AnyBytes = Gen.OneOf(
        Gen.Byte.Array[0, 40],
        Gen.Int[0, 13].Select(static i => Parts[i]).Array[0, 8]
            .Select(static parts => parts.SelectMany(static part => part).ToArray()));

    [Fact]
    public void Every_name_keeps_its_bytes() => AnyBytes.Sample(
        static bytes =>
        {
            string text = NameBytes.ToText(bytes);
            byte[] again = NameBytes.Of(text);
            return again.AsSpan().SequenceEqual(bytes) && NameBytes.Count(text) == bytes.Length
                && bytes.Length <= 3 * text.Length;
        },
        iter: 200_000);

    [Fact]
    public void A_name_of_valid_UTF8_is_the_same_text() => Gen.String.Where(IsWellFormed).Sample(
        static text =>
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            return NameBytes.ToText(utf8) == text && NameBytes.Of(text).AsSpan().SequenceEqual(utf8)
                && !NameBytes.HasRaw(text);
        },
        iter: 50_000);

    [Theory]
    [InlineData("💀")] // its second half, U+DC80, looks like a raw byte
    [InlineData("a💀b💀")]
    [InlineData("\uFFFD")]
    [InlineData("")]
    public void Characters_are_not_raw_bytes(string text) => Assert.False(NameBytes.HasRaw(text));

    [Fact]
    public void A_byte_that_is_not_UTF8_is_a_low_surrogate_without_a_high_one()
    {
        Assert.Equal("a\udcff💀\udc80", NameBytes.ToText([(byte)'a', 0xFF, .. "💀"u8, 0x80]));
        Assert.True(NameBytes.HasRaw("💀\udc80"));
        Assert.Equal("\udcff/\udce2\udc82", NameBytes.ToText([0xFF, (byte)'/', 0xE2, 0x82]));
    }

    [Fact]
    public void Every_escaped_name_is_reversed() => AnyBytes.Sample(
        static bytes =>
        {
            string text = NameBytes.ToText(bytes);
            string escaped = NameEscape.Of(text);
            return NameEscape.Reverse(escaped) == text && IsWellFormed(escaped) && !NameBytes.HasRaw(escaped);
        },
        iter: 200_000);

    [Fact]
    public void A_backslash_is_escaped_too() => Assert.Equal(@"a\\xff\xff", NameEscape.Of("a\\xff\udcff"));

    [Theory]
    [InlineData(@"\")]
    [InlineData(@"a\b")]
    [InlineData(@"\x")]
    [InlineData(@"\xf")]
    [InlineData(@"\xfg")]
    [InlineData(@"\x+f")]
    [InlineData(@"\x2f")] // a slash would lead to another directory
    [InlineData(@"\x00")]
    [InlineData(@"\\\")]
    public void A_backslash_that_escapes_nothing_makes_the_text_invalid(string text) =>
        Assert.Null(NameEscape.Reverse(text));

    // Otherwise one name would have two texts, and two entries could mean one file.
    [Theory]
    [InlineData(@"\xe2\x82\xac", "€")]
    [InlineData(@"\xE2\x82\xAC\\", @"€\")]
    public void Escaped_bytes_that_are_a_character_are_that_character(string escaped, string name) =>
        Assert.Equal(name, NameEscape.Reverse(escaped));

    private static bool IsWellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
