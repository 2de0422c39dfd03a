using System.Diagnostics;
using BundleCopier.Faults;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Very many short runs in which anything may happen: faults, a full disk, dying workers, cancels, changing sources.
/// The power is cut at every moment at which the bundle may have its name.
/// </summary>
public sealed class ScheduleTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int FirstSeed = 1_000_000;
    private const int Parts = 40;
    private const int SeedsPerPart = 500;

    public static TheoryData<int> AllParts => [.. Enumerable.Range(0, Seeds.Only is null ? Parts : 1)];

    [Theory]
    [MemberData(nameof(AllParts))]
    public void Whatever_happens_and_whenever_the_power_fails_the_bundle_is_whole_or_not_there(int part) =>
        Seeds.EachInParallel(FirstSeed + (part * SeedsPerPart), SeedsPerPart, Check);

    /// <summary>scripts/fuzz runs this with a first seed and a number of schedules.</summary>
    [Fact]
    public void The_bundle_is_whole_or_not_there_in_every_schedule_that_the_fuzz_script_asks_for()
    {
        if (Fuzz.Number("SCHEDULES") is not { } count)
            return;
        int first = Fuzz.Number("SEED") ?? 0;
        Stopwatch time = Stopwatch.StartNew();
        Seeds.EachInParallel(
            first, count, Check,
            test: nameof(Whatever_happens_and_whenever_the_power_fails_the_bundle_is_whole_or_not_there));
        double seconds = time.Elapsed.TotalSeconds;
        output.WriteLine(
            $"fuzz: {count} schedules from seed {first}: nothing found; {seconds:0} s, {count / seconds:0} a second");
    }

    private static void Check(int seed)
    {
        SimRun run = SimRun.Of(SimDraw.Schedule(seed));
        BundleCheck.Holds(run);
        if (run.Result is CopyResult.Committed && seed % 8 == 0)
            IsVerified(run);
        if (run.Kernel.Crashes.Kept is { } disk)
            CanBeCopiedAgain(run.Case, disk);
    }

    private static void IsVerified(SimRun run)
    {
        SimKernel after = new(new SimFaults(run.Case.Seed)) { Destination = run.Kernel.Destination };
        VerifyReport.Done report = Assert.IsType<VerifyReport.Done>(
            new BundleVerifier(after, threads: 1).Verify(run.Committed.Path));
        Assert.Equal(0, report.Count(VerdictKind.Damaged));
        Assert.Empty(after.Leaks);
    }

    // After the power cut the same command is given again.
    private static void CanBeCopiedAgain(SimCase before, SimFolder disk)
    {
        bool isThere = disk.Children.ContainsKey(SimCase.Bundle) && !before.Settings.Replace;
        // A bundle has another name where another program had taken its name, and the power cut may undo the latter.
        string[] others = [.. disk.Children.Keys.Where(n => n.StartsWith($"{SimCase.Bundle}."))];
        SimCase again = before.Again(disk);
        SimRun run = SimRun.Of(again);
        if (isThere)
        {
            Assert.Equal(RefusalKind.BundleExists, run.Refused.Refusal.Kind);
            return;
        }

        BundleCheck.Complete(run);
        Assert.Equal([SimCase.Bundle, .. others], disk.Children.Keys.Order());
    }
}
