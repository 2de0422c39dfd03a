using System.Globalization;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Copies below a quota group of btrfs, which counts again what is written to reserved space.</summary>
[Trait("Program", "native")]
public sealed class QuotaTests : IDisposable
{
    private const long KiB = 1 << 10;
    private const long FirstBytes = 5500 * KiB;
    private const long StepBytes = 250 * KiB;
    private const int Steps = 24;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Loop | Needs.Btrfs | Needs.Native)]
    public void With_any_quota_of_a_btrfs_subvolume_what_was_saved_is_committed()
    {
        place.Mount("btrfs", 256L << 20);
        string filesystem = place.Destination;
        string volume = Path.Combine(filesystem, "volume");
        Tool.Run("btrfs", "quota", "enable", filesystem);
        Tool.Run("btrfs", "subvolume", "create", volume);
        place.Destination = Workspace.MakePrivate(volume);
        for (int i = 0; i < 3; i++)
            SourceFile.Dense(place.Source($"heap{i}"), 3 << 20);
        HashSet<int> ends = [];
        for (int i = 0; i < Steps; i++)
        {
            string limit = (FirstBytes + (i * StepBytes)).ToString(CultureInfo.InvariantCulture);
            Tool.Run("btrfs", "qgroup", "limit", limit, volume);
            CliResult result = place.Copy();
            Assert.True(result.ExitCode is 0 or 3, $"With {limit} bytes: {result}");
            ends.Add(result.ExitCode);
            Ended.With(0, place.Verify());
            Directory.Delete(place.BundlePath, recursive: true);
            Tool.Run("sync", "-f", volume); // btrfs frees late
        }

        place.Destination = filesystem;
        Assert.Equal([0, 3], ends.Order());
    }
}
