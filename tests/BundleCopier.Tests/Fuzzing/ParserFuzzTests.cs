using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.Fuzzing;

/// <summary>
/// Each parser answers any input with a result or an error, without an exception, in little memory and time. What is
/// valid and written again is read as the same. <c>scripts/fuzz --parsers</c> runs the last test with a seed
/// (BUNDLECOPY_FUZZ_SEED) and a number of cases for each parser (BUNDLECOPY_FUZZ_PARSERS), or for a single one
/// (BUNDLECOPY_FUZZ_ONLY).
/// </summary>
public sealed class ParserFuzzTests(ITestOutputHelper output)
{
    private const int Cases = 3_000;
    private const int Seed = 20261127;

    public static TheoryData<string> Names => [.. ParserTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_input_gives_a_result_or_an_error(string parser) =>
        new ParserFuzz(ParserTargets.All[parser], Seed).Run(0, Cases);

    [Theory]
    [MemberData(nameof(Names))]
    public void Inputs_that_are_kept_give_a_result_or_an_error(string parser) =>
        Assert.All(ParserTargets.All[parser].Inputs, ParserTargets.All[parser].Check);

    [Fact]
    public void Each_parser_answers_every_input_that_the_fuzz_script_asks_for()
    {
        if (Fuzz.Number("PARSERS") is not { } cases || Fuzz.Number("SEED") is not { } seed)
            return;
        string? only = Environment.GetEnvironmentVariable("BUNDLECOPY_FUZZ_ONLY");
        bool isEach = string.IsNullOrEmpty(only);
        string names = string.Join(", ", ParserTargets.All.Keys.Order());
        Assert.True(isEach || ParserTargets.All.ContainsKey(only!), $"--only {only}: the parsers are {names}.");
        foreach (ParserTarget target in ParserTargets.All.Values.Where(target => isEach || target.Name == only))
        {
            new ParserFuzz(target, seed).Run(Fuzz.Number("FROM") ?? 0, cases);
            output.WriteLine($"fuzz: {target.Name}, seed {seed}: {cases} inputs");
        }
    }
}
