using System.Text.RegularExpressions;
using BundleCopier.Native;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// The checks of the simulation notice bugs that are planted between the engine and the kernel. Without a bug the same
/// schedules pass (<see cref="ScheduleTests"/>).
/// </summary>
public sealed class PlantedBugTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int FirstSeed = 1_000_000;
    private const int MaxSeeds = 3_000;

    private const string WrongBytes =
        "not what the source has|not that of the ranges|bytes outside of the ranges|neither slab nor window"
        + "|has other bytes than its receipt says";

    [Theory]
    [InlineData(Plant.FileSyncIsNeverMade, "files/.* was not synced when its bundle was renamed")]
    [InlineData(Plant.DirectorySyncIsNeverMade, "partial.* was not synced when|the bundle's name is not on disk")]
    [InlineData(Plant.FilesystemSyncIsNeverMade, "files/.* was not synced when its bundle was renamed")]
    [InlineData(Plant.RenameComesBeforeSync, "was not synced when its bundle was renamed")]
    [InlineData(Plant.RenameReplaces, "another program's file was replaced")]
    [InlineData(Plant.ReplacedBundleGoesFirst, "power cut at call .* (loses|is not whole)")]
    [InlineData(Plant.LostWriteIsForgotten, "was lost when its bundle was renamed|was not synced and is Copied")]
    [InlineData(Plant.FailedWriteIsForgotten, WrongBytes)]
    [InlineData(Plant.ShortWriteIsIgnored, WrongBytes)]
    [InlineData(Plant.DyingWriterDoesNotWait, WrongBytes)]
    [InlineData(Plant.DyingWriterLeavesItsWrites, "left open: .*write queue|" + WrongBytes)]
    [InlineData(Plant.StaleBytesStay, WrongBytes)]
    [InlineData(Plant.MemoryIsGivenBackTooEarly, WrongBytes)]
    [InlineData(Plant.SourceLeaseIsGivenBackTooEarly, "is called stable and changed")]
    [InlineData(Plant.SourceLeaseIsNotAskedFor, "is called stable and changed")]
    [InlineData(Plant.TimesAreNotLookedAt, "is called stable and changed")]
    public void The_checks_notice(Plant plant, string complaint) => Notice(plant, complaint, watchesOrder: true);

    /// <summary>What a power cut leaves tells it alone, also without a look at the order of the calls.</summary>
    [Theory]
    [InlineData(Plant.FileSyncIsNeverMade)]
    [InlineData(Plant.DirectorySyncIsNeverMade)]
    [InlineData(Plant.FilesystemSyncIsNeverMade)]
    [InlineData(Plant.RenameComesBeforeSync)]
    [InlineData(Plant.ReplacedBundleGoesFirst)]
    [InlineData(Plant.LostWriteIsForgotten)]
    public void Power_cuts_show(Plant plant) => Notice(plant, "[Aa](fter)? power cut", watchesOrder: false);

    [Fact]
    public void A_verify_that_reads_the_page_cache_is_noticed()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 3 << 20));
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        SimFile stored = (SimFile)((SimFolder)run.Kernel.Destination.Children[SimCase.Bundle]).Find("files/heap")!;
        stored.Decayed = stored.Pages.Snapshot();
        SimContent.PutData(stored.Decayed, 300, new Random(7));
        Assert.Equal(1, DamagedFiles(run.Kernel));
        Assert.Equal(0, DamagedFiles(new PlantedKernel(run.Kernel, Plant.VerifyReadsThePageCache)));
    }

    private static int DamagedFiles(IMemoryKernel kernel)
    {
        BundleVerifier verifier = new(kernel, threads: 1);
        return Assert.IsType<VerifyReport.Done>(verifier.Verify($"{SimKernel.DestinationPath}/{SimCase.Bundle}"))
            .Count(VerdictKind.Damaged);
    }

    private void Notice(Plant plant, string complaint, bool watchesOrder)
    {
        string others = "";
        for (int seed = FirstSeed; seed < FirstSeed + MaxSeeds; seed++)
        {
            SimCase subject = SimDraw.Schedule(seed);
            subject.Plant = plant;
            subject.Settings = subject.Settings with
            {
                DyingWriterLeavesItsWrites = plant == Plant.DyingWriterLeavesItsWrites,
            };
            subject.Kernel.WatchesOrder = watchesOrder;
            try
            {
                BundleCheck.Holds(SimRun.Of(subject));
            }
#pragma warning disable CA1031 // A bug may show as anything.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (Regex.IsMatch(e.Message, complaint))
                {
                    output.WriteLine($"{plant}: noticed in schedule {seed - FirstSeed + 1}: {e.Message}");
                    return;
                }

                if (others.Length < 2_000)
                    others += $"\n{seed}: {e.Message.Split('\n')[0]}";
            }
        }

        Assert.Fail($"{plant} was not noticed in {MaxSeeds} schedules. Other complaints:{others}");
    }
}
