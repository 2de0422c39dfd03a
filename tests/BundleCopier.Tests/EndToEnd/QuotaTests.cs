using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A quota that is used up (EDQUOT) ends as a full disk does. On btrfs, because its quotas hold for root as well, and
/// not every kernel has those of ext4 and xfs.
/// </summary>
public sealed class QuotaTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Loop | Needs.Root | Needs.Btrfs)]
    public void Files_of_higher_priority_are_saved_until_the_quota_is_used_up()
    {
        Limit(16 * MiB);
        string first = SourceFile.Dense(place.Source("first"), (4 * MiB) + 3);
        string big = SourceFile.Dense(place.Source("big"), 24 * MiB);
        CliResult result = Cli.Run(
            "--manifest", place.Manifest(Workspace.Entry(big), Workspace.Entry(first, priority: 1)));
        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["first"].IsWhole();
        Assert.Equal(("partial", "EDQUOT"), (receipt["big"].Status, receipt["big"].Error));
        Assert.InRange(receipt["big"].Ranges.Sum(static r => r.Length), 6 * MiB, 12 * MiB);
        foreach ((long offset, long length) in receipt["big"].Ranges)
            Same.Stretch(big, place.Output("big"), offset, offset + length);
        Ended.Says(result, "quota");
        Ended.With(0, place.Verify());
        Assert.Equal(["b"], place.LeftInDestination);
    }

    [KernelFact(Needs.Loop | Needs.Root | Needs.Btrfs)]
    public void Without_room_for_a_receipt_nothing_is_left_and_the_quota_is_named()
    {
        Limit(48 << 10);
        SourceFile.Dense(place.Source("a"), MiB);
        CliResult result = place.Copy();
        Ended.With(4, result);
        Ended.Says(result, "EDQUOT", "Raise the quota");
        Assert.Empty(place.LeftInDestination);
    }

    private void Limit(long bytes)
    {
        place.Mount("btrfs", 300 * MiB);
        string volume = Path.Combine(place.Destination, "volume");
        Tool.Run("btrfs", "quota", "enable", place.Destination);
        Tool.Run("btrfs", "subvolume", "create", volume);
        Tool.Run("btrfs", "qgroup", "limit", $"{bytes}", volume);
        File.SetUnixFileMode(volume, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        place.Destination = volume;
    }
}
