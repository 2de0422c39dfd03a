using Microsoft.Win32.SafeHandles;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Copies to disks whose free space goes from 0 to 8 MiB, past what the copy needs. <c>scripts/fuzz --full-disk</c>
/// takes each step of 4 KiB.
/// </summary>
[Trait("Program", "native")]
[Trait("Speed", "slow")]
public sealed class FreeSpaceSweepTests(ITestOutputHelper log) : IDisposable
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;
    private const long MaxFreeBytes = 8 * MiB;
    private const int Steps = 20;

    // The shortest receipt, and the inodes and directories of xfs.
    private const long EnoughBytes = 256 * KiB;

    // What a filesystem (xfs) gives back after it has refused a write of a file with a higher priority.
    private const long SlackBytes = 192 * KiB;

    private readonly Workspace place = new();
    private string ballast = "";

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Loop | Needs.Xfs | Needs.Btrfs | Needs.Native)]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 320)]
    [InlineData("btrfs", 160)]
    public void With_any_free_space_the_bundle_is_true_and_low_priorities_are_left_out_first(
        string type, int sizeMiB) =>
        Sweep(type, sizeMiB, Enumerable.Range(0, Steps + 1).Select(static i => i * MaxFreeBytes / Steps));

    /// <summary>Set BUNDLECOPY_FUZZ_FULL_DISK to the step in bytes.</summary>
    [KernelTheory(Needs.Loop | Needs.Xfs | Needs.Btrfs | Needs.Native)]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 320)]
    [InlineData("btrfs", 160)]
    public void With_each_free_space_that_the_fuzz_script_asks_for(string type, int sizeMiB)
    {
        if (Moments.Number("BUNDLECOPY_FUZZ_FULL_DISK") is { } step and > 0)
            Sweep(type, sizeMiB, Enumerable.Range(0, (int)(MaxFreeBytes / step) + 1).Select(i => (long)i * step));
    }

    [KernelFact(Needs.Loop | Needs.Native)]
    public void What_is_to_stay_free_stays_free_and_the_receipt_says_why_a_file_is_cut()
    {
        place.Mount("ext4", 64 * MiB);
        ballast = Path.Combine(place.Destination, "ballast");
        string[] copy = Sources();
        LeaveFree(6 * MiB);
        string config = place.Config("bundle-copier.destination.keep-free = 2MiB");
        CliResult result = Cli.Run([.. copy, "--config", config]);
        Assert.InRange(FreeBytes(), 2 * MiB, 3 * MiB);
        File.Delete(ballast);
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Contains("KEEP_FREE", receipt.Files.Select(static f => f.Error));
        Ended.Says(result, "destination.keep-free");
    }

    [KernelFact(Needs.Loop | Needs.Native)]
    public void A_disk_without_room_beside_what_is_to_stay_free_is_refused_with_the_name_of_the_setting()
    {
        place.Mount("ext4", 64 * MiB);
        CliResult result = Cli.Run(
            [.. Sources(), "--config", place.Config("bundle-copier.destination.keep-free = 99%")]);
        Ended.Refused(4, place, result, "bundle-copier.destination.keep-free", "99%");
    }

    [KernelFact(Needs.Loop | Needs.Native)]
    public void When_a_disk_is_too_small_compress_saves_more_of_text_than_drop()
    {
        place.Mount("ext4", 64 * MiB);
        ballast = Path.Combine(place.Destination, "ballast");
        for (int i = 0; i < 8; i++)
            SourceFile.Text(place.Source($"text{i}"), 2 * MiB);
        long dropped = Saved("drop");
        long compressed = Saved("compress");
        log.WriteLine($"of 16 MiB of text on 8 MiB: {dropped} bytes with drop, {compressed} with compress");
        Assert.True(compressed > dropped * 3 / 2, $"{compressed} bytes with compress, {dropped} with drop");

        long Saved(string whenFull)
        {
            LeaveFree(8 * MiB);
            CliResult result = place.Copy(
                "--config", place.Config($"bundle-copier.destination.when-full = {whenFull}"));
            Assert.True(result.ExitCode is 0 or 3, result.ToString());
            File.Delete(ballast);
            long saved = Ended.Committed(result.ExitCode, place, result).Files.Sum(static f => f.DataBytes);
            Directory.Delete(place.BundlePath, recursive: true);
            return saved;
        }
    }

    private void Sweep(string type, int sizeMiB, IEnumerable<long> spaces)
    {
        place.Mount(type, sizeMiB * MiB);
        ballast = Path.Combine(place.Destination, "ballast");
        string[] copy = Sources();
        Dictionary<int, int> ends = [];
        foreach (long wanted in spaces)
        {
            long freeBytes = LeaveFree(wanted);
            string what = $"{type} with {freeBytes} free bytes";
            CliResult result = Cli.Run(copy);
            ends[result.ExitCode] = ends.GetValueOrDefault(result.ExitCode) + 1;
            Assert.True(
                result.ExitCode is 0 or 3 || (result.ExitCode == 4 && freeBytes < EnoughBytes), $"{what}: {result}");
            Assert.Equal(
                result.ExitCode == 4 ? ["ballast"] : ["b", "ballast"], place.LeftInDestination.Order().ToArray());
            if (result.ExitCode == 4)
                continue;
            Ended.With(0, place.Verify());
            PrioritiesHold(ReceiptView.Read(place), what);
            Directory.Delete(place.BundlePath, recursive: true);
        }

        log.WriteLine($"{type}: {string.Join(", ", ends.Select(static e => $"{e.Value} times exit {e.Key}"))}");
        Assert.True(ends.ContainsKey(0) && ends.ContainsKey(3), "The sweep has not met both ends.");
    }

    private static void PrioritiesHold(ReceiptView receipt, string what)
    {
        // The receipt lists the files in the order of their priority.
        long laterBytes = receipt.Files.SkipWhile(static f => f.Status == "copied").Skip(1)
            .Sum(static f => f.WrittenBytes);
        Assert.True(laterBytes <= SlackBytes, $"{what}: {laterBytes} bytes behind the first file that does not fit");
        Assert.All(receipt.Files, static f => Assert.Contains(f.Error, (string?[])[null, "ENOSPC"]));
    }

    /// <summary>6.2 MiB of several priorities; the arguments that copy them.</summary>
    private string[] Sources()
    {
        System.Text.Json.Nodes.JsonObject[] entries =
        [
            Workspace.Entry(SourceFile.Dense(place.Source("first"), MiB + 3), priority: 9),
            Workspace.Entry(SourceFile.Text(place.Source("second"), 3 * MiB), priority: 5),
            .. Enumerable.Range(0, 20).Select(i => Workspace.Entry(
                SourceFile.Dense(place.Source($"small{i}"), 10_000 + i), priority: 2)),
            Workspace.Entry(SourceFile.Dense(place.Source("last"), (2 * MiB) + 77), priority: -1),
        ];
        return ["--manifest", place.Manifest(entries)];
    }

    private long FreeBytes() => new DriveInfo(place.Destination).AvailableFreeSpace;

    /// <summary>Fills the disk but for so many bytes; gives how many are free in the end.</summary>
    private long LeaveFree(long wanted)
    {
        using SafeFileHandle file = File.OpenHandle(ballast, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        for (int i = 0; i < 50; i++)
        {
            Tool.Run("sync", "-f", place.Destination); // btrfs and xfs free blocks late
            long over = FreeBytes() - wanted;
            if (over == 0)
                break;
            long size = RandomAccess.GetLength(file);
            if (over < 0)
            {
                RandomAccess.SetLength(file, Math.Max(0, size + over));
                continue;
            }

            try
            {
                Kernel.Allocate(file, size, i < 10 ? over : 4 * KiB);
            }
            catch (IOException)
            {
                break; // the last blocks are for metadata
            }
        }

        return FreeBytes();
    }
}
