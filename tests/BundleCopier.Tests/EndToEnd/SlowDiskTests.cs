using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A disk that is slow, and works.</summary>
[Trait("Speed", "slow")]
public sealed class SlowDiskTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const int StallMs = 1000;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.ForgetfulDisk)]
    public void A_sync_that_waits_longer_than_the_timeout_for_the_data_of_another_program_is_no_hang()
    {
        string image = ForgetfulDisk.Format("ext4", Path.Combine(place.Disk, "image"), 128 * MiB);
        using ForgetfulDisk disk = new("ext4", image, place.Disk);
        place.Destination = Workspace.MakePrivate(Path.Combine(disk.Point, "out"));
        string heap = SourceFile.Dense(place.Source("heap"), MiB);
        // Of another program, and only in the page cache.
        File.WriteAllBytes(Path.Combine(disk.Point, "other"), new byte[20 * MiB]);
        File.WriteAllBytes(Path.Combine(place.Memory, "small"), new byte[10]);
        disk.SlowDown(writeMs: 100);
        // So many files are synced together with the whole filesystem.
        string manifest = place.Manifest(
            [Workspace.Entry(heap), .. Enumerable.Range(0, 65).Select(i =>
                Workspace.Entry(place.Source("small"), $"small-{i}"))]);
        Stopwatch time = Stopwatch.StartNew();
        CliResult result = Cli.Run(
            "--manifest", manifest, "--config", place.Config($"bundle-copier.stall-timeout = {StallMs}ms"));
        time.Stop();
        disk.SlowDown(writeMs: 0);
        Ended.Committed(0, place, result);
        Assert.True(time.ElapsedMilliseconds > 2 * StallMs, $"It took {time.ElapsedMilliseconds} ms: not slow enough.");
    }
}
