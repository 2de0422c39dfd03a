using System.Text;
using BundleCopier.Input;
using BundleCopier.Settings;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Settings;

/// <summary>
/// A valid configuration with random edits: the reader returns settings or an error, never throws and never hangs.
/// </summary>
public sealed class SettingsFuzzTests
{
    private const string Seed =
        "bundle-copier {\n budget = 32MiB # c\n reader { mode = auto, threads = 2 }\n writer.io = \"auto\"\n}\n"
        + "other = [1, {a : 2}, \"x\"]\n";

    private static readonly string[] Fragments =
        ["{", "}", "[", "]", "=", ":", "+=", ",", "\"", "\"\"\"", "#", "//", "\n", " ", ".", "$", "${x}", "${?x}",
            "include ", "\\", "null", "\0", "[1", "{a=", "[{", "}]"];

    // Each of these kept the parser busy for ever.
    [Theory]
    [InlineData("bundle-copier {\n budget = [{2MiB # c\n read}] { mode = auto }\n}", "a key without a value")]
    [InlineData("other = [{a = 1 # c\n b}]", "a key without a value")]
    [InlineData("other = [{a, b = 1}]", "a key without a value")]
    public void A_key_without_a_value_in_a_list_is_named(string text, string problem)
    {
        Parsed<CopySettings> read = SettingsReader.ReadText(text, "c");
        Assert.False(read.IsOk);
        Assert.Contains(problem, read.Error.Problem, StringComparison.Ordinal);
    }

    // In a list, each of these kept the parser busy for ever; elsewhere it refuses them.
    [Fact]
    public void A_mark_that_needs_quotes_is_named()
    {
        foreach (char mark in "`^?!@*&")
        {
            foreach (string text in (string[])
                [$"other = [{mark}]", $"other = [1, {{a : 2}},{mark}\"x\"]", $"other = [a{mark}b]", $"a{mark}b = 1"])
            {
                Parsed<CopySettings> read = SettingsReader.ReadText(text, "c");
                Assert.False(read.IsOk);
                Assert.Equal($"'{mark}' stands outside quotes", read.Error.Problem);
            }

            Assert.True(SettingsReader.ReadText($"other = [\"{mark}\", \"\"\"{mark}\"\"\"] # {mark}", "c").IsOk);
        }
    }

    [Theory]
    [InlineData("other = [1, {a : 2}, \"x\"]")]
    [InlineData("other = [{\n a = 1 # c\n b : { c = 2 }\n d { e = [1, 2] }\n}, {f = 3}]")]
    public void Braces_with_values_in_a_list_are_accepted(string text) =>
        Assert.True(SettingsReader.ReadText(text, "c").IsOk);

    // Each of these once cost a crash, minutes or much memory in parsers of this kind.
    [Theory]
    [InlineData("a {", 100_000, "32 levels deep")]
    [InlineData("{", 100_000, "where a key would")]
    [InlineData("[", 100_000, "32 levels deep")]
    [InlineData("a.", 10_000, "more than 32 dots")]
    [InlineData("\"a\".", 10_000, "more than 32 dots")]
    [InlineData("bundle-copier.io-dispatcher { a.", 10_000, "32 levels deep")]
    [InlineData("a = ${a}${a}\n", 30, "substitutions")]
    [InlineData("include \"c\"\n", 100, "\"include\" is not supported")]
    [InlineData("a = 1, ", 200_000, "larger than 1 MiB")]
    public void A_configuration_that_is_deep_or_refers_to_itself_is_refused_at_once(string part, int count, string why)
    {
        Parsed<CopySettings> read = SettingsReader.ReadText(string.Concat(Enumerable.Repeat(part, count)), "c");
        Assert.Contains(why, read.Error!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("budget", 500_000, "")]
    [InlineData("deadline", 500_000, "s")]
    [InlineData("stall-timeout", 500_000, "s")]
    [InlineData("process.nice", 500_000, "")]
    [InlineData("destination.keep-free", 500_000, "%")]
    [InlineData("budget", 1, "e999999999")]
    [InlineData("deadline", 1, "e999999999s")]
    public void A_number_of_any_length_is_refused_by_its_key(string key, int digits, string unit)
    {
        Parsed<CopySettings> read =
            SettingsReader.ReadText($"bundle-copier.{key} = {new string('9', digits)}{unit}", "c");
        Assert.Equal($"bundle-copier.{key}", read.Error!.Field);
    }

    [Fact]
    public void A_mutated_configuration_never_throws_and_never_hangs() =>
        Gen.Select(Gen.Int[0, Seed.Length], Gen.Int[0, 5], Gen.Int[0, Fragments.Length - 1]).Array[1, 5].Sample(
            edits =>
            {
                StringBuilder text = new(Seed);
                foreach ((int at, int removed, int added) in edits)
                {
                    int from = Math.Min(at, text.Length);
                    text.Remove(from, Math.Min(removed, text.Length - from)).Insert(from, Fragments[added]);
                }
                // The reader stops a parser that hangs. If that happens here, HoconCheck needs a new rule.
                Parsed<CopySettings> read = SettingsReader.ReadText(text.ToString(), "c");
                return read.IsOk
                    || (read.Error.Mend.Length > 0
                    && !read.Error.Problem.Contains("without an end", StringComparison.Ordinal));
            },
            iter: 5_000);
}
