using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The power of the destination's disk is cut at random writes and flushes. The disk forgets what was not flushed, or
/// any part of it. <c>scripts/fuzz --power-cuts N</c> makes more cuts.
/// </summary>
[Trait("Program", "native")]
public sealed class PowerCutTests(ITestOutputHelper log) : IDisposable
{
    private const int Cuts = 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Loop | Needs.ForgetfulDisk | Needs.Native)]
    public void After_a_power_cut_ext4_has_the_whole_bundle_or_nothing_under_its_name() =>
        Cut("ext4", 96 << 20, Cuts);

    [KernelFact(Needs.Loop | Needs.ForgetfulDisk | Needs.Xfs | Needs.Native)]
    public void After_a_power_cut_xfs_has_the_whole_bundle_or_nothing_under_its_name() => Cut("xfs", 512 << 20, Cuts);

    /// <summary>Set BUNDLECOPY_FUZZ_POWER_CUTS to the number of cuts on each filesystem.</summary>
    [KernelTheory(Needs.Loop | Needs.ForgetfulDisk | Needs.Xfs | Needs.Btrfs | Needs.Native)]
    [InlineData("ext4", 96 << 20)]
    [InlineData("xfs", 512 << 20)]
    [InlineData("btrfs", 256 << 20)]
    public void After_every_power_cut_that_the_fuzz_script_asks_for(string type, int sizeBytes)
    {
        if (Moments.Number("BUNDLECOPY_FUZZ_POWER_CUTS") is { } cuts)
            Cut(type, sizeBytes, cuts);
    }

    private void Cut(string type, long sizeBytes, int cuts)
    {
        log.WriteLine($"BUNDLECOPY_SEED={Moments.Seed}");
        Random random = new(Moments.Seed);
        MixedSources sources = new(place, denseBytes: 3 << 20, smallCount: 70);
        string image = Path.Combine(place.Disk, "image");
        long count = 0; // of the writes and flushes of a copy
        int committed = 0;
        int survived = 0;
        long lost = 0;
        for (int i = 0; i <= cuts; i++)
        {
            ForgetfulDisk.Format(type, image, sizeBytes);
            // A third of the cuts is around the commit, some of them after the end of the copy.
            long start = random.Next(3) == 0 ? count * 4 / 5 : 0;
            long nth = count == 0 ? 0 : random.NextInt64(start + 1, count + (count / 5));
            int seed = random.Next();
            string what = $"{type}, cut {i} at {nth} of {count}";
            CliResult result;
            using (ForgetfulDisk disk = new(type, image, place.Disk))
            {
                place.Destination = disk.Point;
                string[] args = sources.Copy();
                disk.Arm(nth, seed);
                result = Cli.Run(args);
                if (count == 0)
                {
                    Ended.With(0, result);
                    count = disk.Count();
                }

                lost += disk.Cut(seed);
            }

            // The disk answers with errors after the cut, so a copy that says "complete" was so before it.
            Assert.True(result.ExitCode is 0 or 3 or 4, $"{what}: {result}");
            committed += result.ExitCode == 0 ? 1 : 0;
            using Mounted after = new(place, type, image);
            survived += Directory.Exists(place.BundlePath) ? 1 : 0;
            sources.SurvivedTrue(hasCommitted: result.ExitCode == 0, what);
        }

        log.WriteLine(
            $"{cuts} cuts within {count} writes and flushes, {lost} blocks lost: {committed} complete, "
            + $"{survived} there afterwards");
        // Checks the test itself.
        Assert.True(lost > 0, "No cut has lost anything.");
    }
}
