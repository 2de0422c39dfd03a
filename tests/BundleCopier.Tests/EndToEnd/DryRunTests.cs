using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A dry run says what the copy would do, also when the copy would fail, and leaves nothing behind.
/// </summary>
public sealed class DryRunTests : IDisposable
{
    private readonly Workspace place = new();

    public DryRunTests() => SourceFile.Dense(place.Source("a"), 3 << 20);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_destination_that_is_not_there() =>
        RefusesLikeTheCopy(["--destination", Path.Combine(place.Destination, "nowhere")], "nowhere");

    [KernelFact]
    public void A_file_in_place_of_the_destination() =>
        RefusesLikeTheCopy(["--destination", place.ManifestText("x")], "not a directory");

    [KernelTheory]
    [InlineData("directory")]
    [InlineData("file")]
    [InlineData("link")]
    public void Anything_of_the_bundles_name(string what)
    {
        Put(what, place.BundlePath);
        RefusesLikeTheCopy([], place.BundlePath);
    }

    [KernelTheory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("open directory")]
    public void Anything_but_our_own_directory_of_the_partial_name(string what)
    {
        Put(what, place.PartialPath);
        RefusesLikeTheCopy([], place.PartialPath);
    }

    [KernelFact]
    public void Another_copy_of_the_bundle_that_still_runs()
    {
        Workspace.MakePrivate(place.PartialPath);
        using SafeFileHandle other = Kernel.Lock(place.PartialPath);
        RefusesLikeTheCopy([], "Another process");
    }

    [KernelFact(Needs.Nobody)]
    public void A_destination_that_may_not_be_written()
    {
        Kernel.Own(place.Memory, Cli.NobodyId);
        Kernel.Own(place.Source("a"), Cli.NobodyId);
        Kernel.Own(place.Disk, Cli.NobodyId);
        File.SetUnixFileMode(place.Destination, (UnixFileMode)0x1ED); // 0755
        RefusesLikeTheCopy([], Cli.AsNobody, place.Destination, "EACCES");
    }

    [KernelTheory]
    [InlineData("/proc", "proc")]
    [InlineData("/proc/self/fd", "proc")]
    [InlineData("/sys", "sysfs")]
    public void A_filesystem_that_the_kernel_makes_up(string destination, string filesystem) =>
        RefusesLikeTheCopy(["--destination", destination], destination, filesystem, "--destination");

    [KernelFact(Needs.Nobody)]
    public void A_filesystem_that_the_kernel_makes_up_and_a_user_without_rights()
    {
        Kernel.Own(place.Memory, Cli.NobodyId);
        Kernel.Own(place.Source("a"), Cli.NobodyId);
        Kernel.Own(place.Disk, Cli.NobodyId);
        RefusesLikeTheCopy(["--destination", "/proc"], Cli.AsNobody, "/proc", "proc", "--destination");
    }

    [KernelFact(Needs.Loop)]
    public void A_mount_that_is_read_only()
    {
        place.Mount("ext4", 16 << 20);
        place.RemountReadOnly();
        RefusesLikeTheCopy([], place.Destination, "EROFS");
    }

    [KernelFact(Needs.Loop)]
    public void A_disk_that_has_no_room_for_a_receipt()
    {
        place.Mount("ext4", 32 << 20);
        FullDisk.Fill(Path.Combine(place.Destination, "ballast"));
        RefusesLikeTheCopy([], place.Destination, "ENOSPC", "room");
    }

    [KernelTheory(Needs.Root)]
    [InlineData("direct")]
    [InlineData("dontcache")]
    public void A_way_of_writing_that_the_filesystem_does_not_support(string io)
    {
        place.MountMemory(64 << 20);
        RefusesLikeTheCopy(["--config", place.Config($"bundle-copier.writer.io = {io}")], place.Destination, io);
    }

    [KernelFact]
    public void A_dry_run_does_not_remove_the_leftovers_of_a_killed_run()
    {
        string rubbish = Path.Combine(Workspace.MakePrivate(place.PartialPath), "receipt.json");
        File.WriteAllText(rubbish, "x");
        Ended.With(0, place.Copy("--dry-run"));
        Assert.Equal("x", File.ReadAllText(rubbish));
        Ended.Committed(0, place, place.Copy());
    }

    [KernelTheory]
    [InlineData("auto")]
    [InlineData("direct")]
    [InlineData("bounded")]
    public void A_dry_run_shows_the_way_of_writing_of_the_copy(string io)
    {
        string config = place.Config($"bundle-copier.writer.io = {io}");
        DateTime touched = Directory.GetLastWriteTimeUtc(place.Destination);
        CliResult dry = place.Copy("--dry-run", "--json", "--config", config);
        Ended.With(0, dry);
        Assert.Empty(place.LeftInDestination);
        Assert.Equal(touched, Directory.GetLastWriteTimeUtc(place.Destination));
        Assert.Equal(
            Ended.Committed(0, place, place.Copy("--config", config))["a"].Io, (string)JsonNode.Parse(
            dry.Output)!["io"]!);
    }

    [KernelFact]
    public void The_name_of_the_destination_cannot_control_the_terminal()
    {
        place.Destination = Workspace.MakePrivate(Path.Combine(place.Disk, "red\u001b[31m"));
        CliResult dry = place.Copy("--dry-run");
        Ended.With(0, dry);
        Assert.DoesNotContain("\u001b[31m/b", dry.Output, StringComparison.Ordinal);
        Assert.Contains("red\\u001b[31m/b", dry.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void A_dry_run_shows_compression_and_the_space_for_holes()
    {
        SourceFile.Sparse(place.Source("sparse"), 64 << 20, (5 << 20, 4096));
        CliResult plain = place.Copy("--dry-run");
        Ended.With(0, plain);
        Assert.DoesNotContain("lz4", plain.Output, StringComparison.Ordinal);

        CliResult packed = place.Copy("--dry-run", "--compression", "lz4");
        Ended.With(0, packed);
        foreach (string word in new[] { "2 of 2 files", ".lz4", "1 of them mostly holes", "more room than their data" })
            Assert.Contains(word, packed.Output, StringComparison.Ordinal);

        string both =
            place.Manifest(
                CompressedBundle.Entry(place.Source("a"), "auto"),
                CompressedBundle.Entry(place.Source("sparse"), "none"));
        JsonNode files = JsonNode.Parse(Cli.Run("--manifest", both, "--dry-run", "--json").Output)!["files"]!;
        Assert.Equal(("auto", "none"), ((string)files[0]!["compression"]!, (string)files[1]!["compression"]!));
    }

    [KernelFact]
    public void No_file_takes_more_room_than_was_planned_however_it_is_stored()
    {
        const int MiB = 1 << 20;
        SourceFile.Sparse(place.Source("mostly-holes"), 64 * MiB, (5 * MiB, 4096));
        SourceFile.Sparse(place.Source("tail"), (40 * MiB) + 5, (0, 1));
        SourceFile.Sparse(
            place.Source("every-second-block"), 4 * MiB, [.. Enumerable.Range(0, 512).Select(i => (i * 8192L, 4096L))]);
        SourceFile.Sparse(
            place.Source(
            "a-block-a-segment"), 33 * MiB, [.. Enumerable.Range(0, 32).Select(i => ((long)i * MiB, 4096L))]);
        SourceFile.Sparse(
            place.Source(
            "nearly-all"), 8 * MiB, [.. Enumerable.Range(0, 8).Select(i => ((i * MiB) + 4096L, (long)MiB - 8192))]);
        foreach (string compression in new[] { "none", "lz4", "auto" })
        {
            JsonNode plan = JsonNode.Parse(place.Copy("--dry-run", "--json", "--compression", compression).Output)!;
            ReceiptView receipt = Ended.Committed(0, place, place.Copy("--compression", compression));
            foreach (JsonNode? file in plan["files"]!.AsArray())
            {
                ReceiptView.FileView made = receipt[(string)file!["name"]!];
                long neededBytes = (long)file["neededBytes"]!;
                Assert.True(
                    made.WrittenBytes <= neededBytes,
                    $"{made.Output} has {made.WrittenBytes} bytes, {neededBytes} were planned");
                // A bound that is far away says nothing.
                Assert.InRange(
                    neededBytes, 0, (2 * (long)file["dataBytes"]!) + (made.Compression == "none" ? 4096 : MiB));
                Assert.Equal(made.Compression == "none", (string)file["compression"]! == "none");
            }

            Directory.Delete(place.BundlePath, recursive: true);
        }
    }

    private static void Put(string what, string path)
    {
        if (what == "file")
            File.WriteAllText(path, "mine");
        else if (what == "link")
            File.CreateSymbolicLink(path, "/nowhere");
        else
            Directory.CreateDirectory(path, (UnixFileMode)(what == "directory" ? 0x1C0 : 0x1ED)); // 0700, 0755
    }

    private void RefusesLikeTheCopy(string[] options, params string[] words) => RefusesLikeTheCopy(options, [], words);

    /// <summary>
    /// Exit 4, nothing on standard output but the error with --json, nothing changed, and the same message as the copy.
    /// </summary>
    private void RefusesLikeTheCopy(string[] options, string[] before, params string[] words)
    {
        string[] command = ["--manifest", place.Manifest(place.Source("a")), .. options];
        string[] names = place.LeftInDestination;
        DateTime touched = Directory.GetLastWriteTimeUtc(place.Destination);
        foreach (string[] way in (string[][])[["--dry-run"], ["--dry-run", "--json"], ["--dry-run", "--quiet"]])
        {
            CliResult dry = Run([.. command, .. way], before);
            Ended.With(4, dry);
            if (way.Contains("--json"))
            {
                using JsonDocument error = JsonDocument.Parse(dry.Output);
                Assert.Equal("error", error.RootElement.GetProperty("event").GetString());
                Assert.Equal(4, error.RootElement.GetProperty("exitCode").GetInt32());
            }
            else
            {
                Assert.Equal("", dry.Output);
            }

            Ended.Says(dry, words);
            Assert.Equal(names.Order(), place.LeftInDestination.Order());
            Assert.Equal(touched, Directory.GetLastWriteTimeUtc(place.Destination));
            Assert.Equal(dry with { Output = "" }, Run(command, before));
            touched = Directory.GetLastWriteTimeUtc(place.Destination);
        }
    }

    private static CliResult Run(string[] args, string[] before) =>
        before.Length == 0 ? Cli.Run(args) : Cli.RunAsNobody(args);
}
