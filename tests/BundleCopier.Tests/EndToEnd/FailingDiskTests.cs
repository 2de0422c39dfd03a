using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The disk below the filesystem fills up: ext4 has space, but its image lies in a tmpfs that has none, so writes,
/// flushes and commits of the journal fail with EIO or ENOSPC, sooner or later.
/// </summary>
[Trait("Program", "native")]
public sealed class FailingDiskTests(ITestOutputHelper log) : IDisposable
{
    private const long MiB = 1 << 20;
    private const long ImageBytes = 64 * MiB;
    private const long StepBytes = 256 << 10;
    private const int Steps = 40;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Loop | Needs.Native)]
    public void A_copy_to_a_disk_that_fails_at_any_point_says_complete_only_if_the_bundle_survives_a_remount()
    {
        string memory = place.MountMemory(ImageBytes + (8 * MiB));
        MixedSources sources = new(place, denseBytes: 6 * MiB, smallCount: 70);
        string image = Path.Combine(memory, "image");
        Dictionary<int, int> exits = [];
        int faults = 0;
        for (int i = 0; i < Steps; i++)
        {
            Tool.Run("mount", "-o", $"remount,size={ImageBytes + (8 * MiB)}", memory);
            File.Delete(image);
            ForgetfulDisk.Format("ext4", image, ImageBytes);
            long usedBytes = Kernel.StatusOf(image).AllocatedBytes;
            using Mounted disk = new(place, "ext4", image);
            string[] args = sources.Copy();
            long roomBytes = usedBytes + (i * StepBytes);
            Tool.Run("mount", "-o", $"remount,size={roomBytes}", memory);
            CliResult result = Cli.Run(args);
            exits[result.ExitCode] = exits.GetValueOrDefault(result.ExitCode) + 1;
            faults += result.ExitCode == 0 ? 0 : 1;
            Assert.True(result.ExitCode is 0 or 3 or 4, $"with {roomBytes} bytes: {result}");

            Tool.Run("mount", "-o", $"remount,size={ImageBytes + (8 * MiB)}", memory);
            disk.MountAgain();
            sources.SurvivedTrue(hasCommitted: result.ExitCode == 0, $"with {roomBytes} bytes: {result}");
        }

        log.WriteLine(string.Join(", ", exits.OrderBy(e => e.Key).Select(e => $"exit {e.Key}: {e.Value}")));
        Assert.InRange(faults, 1, Steps - 1);
    }
}
