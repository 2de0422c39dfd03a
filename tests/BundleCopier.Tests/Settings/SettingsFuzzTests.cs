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

    [Theory]
    [InlineData("other = [1, {a : 2}, \"x\"]")]
    [InlineData("other = [{\n a = 1 # c\n b : { c = 2 }\n d { e = [1, 2] }\n}, {f = 3}]")]
    public void Braces_with_values_in_a_list_are_accepted(string text) =>
        Assert.True(SettingsReader.ReadText(text, "c").IsOk);

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
