using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The filesystem ends at random moments as in a crash (FS_IOC_SHUTDOWN); then it is mounted again, which replays its
/// journal.
/// </summary>
[Trait("Program", "native")]
public sealed class FilesystemShutdownTests(ITestOutputHelper log) : IDisposable
{
    private const int Shutdowns = 30;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Loop | Needs.Native)]
    [InlineData("ext4", 128L << 20)]
    public void After_a_shutdown_of_ext4_at_any_moment_the_bundle_is_whole_or_not_there(string type, long sizeBytes) =>
        ShutDown(type, sizeBytes);

    [KernelTheory(Needs.Loop | Needs.Native | Needs.Xfs)]
    [InlineData("xfs", 512L << 20)]
    public void After_a_shutdown_of_xfs_at_any_moment_the_bundle_is_whole_or_not_there(string type, long sizeBytes) =>
        ShutDown(type, sizeBytes);

    [KernelTheory(Needs.Loop | Needs.Native | Needs.Xfs | Needs.Strace)]
    [InlineData("ext4", 128L << 20)]
    [InlineData("xfs", 512L << 20)]
    public void A_filesystem_that_ends_between_the_rename_and_its_sync_has_no_bundle_and_the_copy_says_so(
        string type, long sizeBytes)
    {
        MixedSources sources = new(place);
        string image = ForgetfulDisk.Format(type, Path.Combine(place.Disk, "image"), sizeBytes);
        using Mounted disk = new(place, type, image);
        string[] args = sources.Copy();
        // strace holds the sync of the destination up for a second.
        string[] options = ["-P", place.Destination, "-e", "inject=fsync:delay_enter=1000000"];
        using RunningCli cli = Strace.Start(Path.Combine(place.Disk, "trace"), ["fsync"], options, args);
        cli.Await(() => Directory.Exists(place.BundlePath), "the rename");
        Kernel.ShutDown(place.Destination, 2);
        CliResult result = cli.Wait();
        Ended.With(4, result);
        Ended.Says(result, "syncing the destination", "EIO");
        disk.MountAgain();
        Assert.False(Directory.Exists(place.BundlePath));
    }

    private void ShutDown(string type, long sizeBytes)
    {
        log.WriteLine($"BUNDLECOPY_SEED={Moments.Seed}");
        Random random = new(Moments.Seed);
        MixedSources sources = new(place, denseBytes: 8 << 20, smallCount: 70);
        string image = ForgetfulDisk.Format(type, Path.Combine(place.Disk, "image"), sizeBytes);
        using Mounted disk = new(place, type, image);
        string[] args = sources.Copy();
        Stopwatch first = Stopwatch.StartNew();
        Ended.With(0, Cli.Run(args));
        TimeSpan whole = first.Elapsed;
        Directory.Delete(place.BundlePath, recursive: true);
        int committed = 0;
        int failed = 0;
        for (int i = 0; i < Shutdowns; i++)
        {
            // Otherwise the shutdown could bring back the bundle of the copy before, of which half is removed.
            Tool.Run("sync", "-f", place.Destination);
            uint how = (uint)random.Next(3);
            // Most moments are within the copy; some are at the instant of the rename, and some after the end.
            TimeSpan? moment = random.Next(4) == 0 ? null : whole * (random.NextDouble() * 1.1);
            string when = moment is null ? "at the rename" : $"after {moment}";
            string what = $"{type}, shutdown {i} of kind {how} {when}";
            using RunningCli cli = Cli.Start(args);
            Stopwatch since = Stopwatch.StartNew();
            if (moment is { } time)
                Moments.Await(cli, since, time);
            else
                SpinWait.SpinUntil(() => Directory.Exists(place.BundlePath) || cli.HasEnded);
            Kernel.ShutDown(place.Destination, how);
            CliResult result = cli.Wait();
            Assert.True(result.ExitCode is 0 or 3 or 4, $"{what}: {result}");
            committed += result.ExitCode == 0 ? 1 : 0;
            failed += result.ExitCode == 4 ? 1 : 0;

            disk.MountAgain();
            sources.SurvivedTrue(hasCommitted: result.ExitCode == 0, what);
            foreach (string left in place.LeftInDestination)
                Directory.Delete(Path.Combine(place.Destination, left), recursive: true);
        }

        log.WriteLine($"{Shutdowns} shutdowns within {whole}: {committed} complete, {failed} failed");
    }
}
