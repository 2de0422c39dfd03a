using BundleCopier.Settings;
using BundleCopier.Write;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Write;

public sealed class RetentionPlanTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_limits_nothing_goes() =>
        Assert.Empty(Gone(new RetentionSettings(), freeBytes: 0, Bundle("a", 1, 100), Bundle("b", 2, 100)));

    [Fact]
    public void The_oldest_goes_first_until_the_limit_holds() => Assert.Equal(
        [("old", RemovalReason.MaxUse), ("older", RemovalReason.MaxUse)],
        Gone(
            new RetentionSettings { MaxUse = DiskAmount.OfBytes(250) },
            freeBytes: null,
            Bundle("new", 9, 100, mayGo: false), Bundle("older", 2, 100), Bundle("newer", 3, 100),
            Bundle("old", 1, 150)));

    [Fact]
    public void A_share_is_one_of_the_filesystem() => Assert.Equal(
        [("a", RemovalReason.KeepFree), ("b", RemovalReason.KeepFree)],
        Gone(
            new RetentionSettings { KeepFree = DiskAmount.OfPercent(10) },
            freeBytes: 70,
            Bundle("a", 1, 20), Bundle("b", 2, 20), Bundle("c", 3, 20)));

    [Fact]
    public void A_limit_that_the_filesystem_cannot_tell_has_no_effect() => Assert.Empty(
        Gone(
            new RetentionSettings { KeepFree = DiskAmount.OfBytes(10) }, freeBytes: null,
            Bundle("a", 1, 20), Bundle("b", 2, 20)));

    [Fact]
    public void A_bundle_that_stays_after_all_counts_again()
    {
        RetentionPlan plan = new(
            [Bundle("a", 1, 1), Bundle("b", 2, 1), Bundle("c", 3, 1)],
            new RetentionSettings { MaxBundles = 2 }, null, null);
        KnownBundle first = plan.Next()!.Value.Bundle;
        Assert.Null(plan.Next());
        plan.Stays(first);
        Assert.Equal("b", plan.Next()!.Value.Bundle.Name);
        Assert.Null(plan.Next());
    }

    /// <summary>
    /// A year of bundles, with limits, bundles that are kept or in use, and other programs that take space.
    /// </summary>
    [Fact]
    public void Through_a_year_the_limits_hold_the_oldest_goes_and_what_is_kept_stays() =>
        Gen.Int[0, int.MaxValue].Sample(seed => LiveAYear(new Random(seed)), iter: 200);

    private static void LiveAYear(Random random)
    {
        const long totalBytes = 100_000;
        RetentionSettings limits = new()
        {
            MaxBundles = random.Next(2) == 0 ? random.Next(1, 20) : null,
            MaxUse = random.Next(2) == 0 ? DiskAmount.OfPercent(random.Next(1, 90)) : null,
            KeepFree = random.Next(2) == 0 ? DiskAmount.OfBytes(random.Next(1, 50_000)) : null,
        };
        List<KnownBundle> disk = [];
        for (int day = 0; day < 365; day++)
        {
            long othersBytes = random.Next(60_000);
            disk = [.. disk.Select(b => b with { MayGo = random.Next(12) != 0 })];
            KnownBundle made = new($"day-{day}", random.Next(1, 3_000), Start.AddDays(day), MayGo: false);
            disk.Add(made);
            List<KnownBundle> before = [.. disk];
            RetentionPlan plan = new(
                [.. disk.OrderBy(_ => random.Next())], limits, Free(disk), totalBytes);
            while (plan.Next() is var (gone, _))
            {
                Assert.True(gone.MayGo, "A bundle went that may not go.");
                Assert.False(Holds(disk), "A bundle went although all limits held.");
                Assert.Equal(disk.Where(static b => b.MayGo).MinBy(static b => b.FinishedAt), gone);
                Assert.True(disk.Remove(gone));
            }

            Assert.True(Holds(disk) || !disk.Exists(static b => b.MayGo), "A limit does not hold.");
            Assert.Equal(before.Where(static b => !b.MayGo), disk.Where(static b => !b.MayGo));

            long Free(List<KnownBundle> all) => totalBytes - othersBytes - all.Sum(static b => b.SizeBytes);

            bool Holds(List<KnownBundle> all) =>
                !(all.Count > limits.MaxBundles)
                && !(all.Sum(static b => b.SizeBytes) > limits.MaxUse?.Percent * totalBytes / 100)
                && !(Free(all) < limits.KeepFree?.SizeBytes);
        }
    }

    private static KnownBundle Bundle(string name, int day, long sizeBytes, bool mayGo = true) =>
        new(name, sizeBytes, Start.AddDays(day), mayGo);

    private static List<(string Name, RemovalReason Reason)> Gone(
        RetentionSettings limits, long? freeBytes, params KnownBundle[] bundles)
    {
        RetentionPlan plan = new(bundles, limits, freeBytes, totalBytes: 1_000);
        List<(string, RemovalReason)> gone = [];
        while (plan.Next() is var (bundle, reason))
            gone.Add((bundle.Name, reason));
        return gone;
    }
}
