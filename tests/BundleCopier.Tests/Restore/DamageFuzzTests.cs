using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.Restore;

/// <summary>
/// scripts/fuzz runs the second test with a seed, a number of cases and a time: BUNDLECOPY_FUZZ_SEED,
/// BUNDLECOPY_FUZZ_CASES and BUNDLECOPY_FUZZ_MINUTES; BUNDLECOPY_FUZZ_FROM is the first case.
/// </summary>
public sealed class DamageFuzzTests(ITestOutputHelper output)
{
    private const int Cases = 12_000;
    private const int Seed = 20261122;

    [Fact]
    [Trait("Speed", "slow")]
    public void Bits_that_flip_and_files_that_are_cut_are_found_every_time()
    {
        DamageFuzz fuzz = new(Seed);
        fuzz.Run(0, Cases, DateTime.MaxValue);
        output.WriteLine($"seed {Seed}: {fuzz.Found} found, {fuzz.Harmless} harmless");
        // Checks the test itself: if nearly all damage were harmless, it would not reach the files.
        Assert.True(fuzz.Found > 2 * Cases * 0.8, $"only {fuzz.Found} of {2 * Cases} were found");
    }

    [Fact]
    public void Damage_is_found_in_every_case_that_the_fuzz_script_asks_for()
    {
        if (Fuzz.Number("SEED") is not { } seed)
            return;
        DateTime until =
            Fuzz.Number("MINUTES") is { } minutes ? DateTime.UtcNow.AddMinutes(minutes) : DateTime.MaxValue;
        DamageFuzz fuzz = new(seed);
        fuzz.Run(Fuzz.Number("FROM") ?? 0, Fuzz.Number("CASES") ?? int.MaxValue / 2, until);
        output.WriteLine($"fuzz: seed {seed}: {fuzz.Found} found, {fuzz.Harmless} harmless");
    }
}
