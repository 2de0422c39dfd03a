using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A destination that cannot be used ends the program with 4, and nothing is left behind.</summary>
public sealed class DestinationTests : IDisposable
{
    private readonly Workspace place = new();

    public DestinationTests() => SourceFile.Dense(place.Source("a"), 3 << 20);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_destination_that_is_not_there_is_not_made()
    {
        string missing = Path.Combine(place.Destination, "nowhere");
        Ended.Refused(4, place, place.Copy("--destination", missing), missing, "--destination");
    }

    [KernelFact]
    public void A_file_in_place_of_the_destination_is_refused()
    {
        string file = place.ManifestText("x");
        Ended.Refused(4, place, place.Copy("--destination", file), file, "not a directory");
        Assert.Equal("x", File.ReadAllText(file));
    }

    [KernelTheory]
    [InlineData("file", "file is not a directory.")]
    [InlineData("file/", "file/ is not a directory.")]
    [InlineData("file/x", "cannot exist: ", "/file is not a directory.")]
    [InlineData("file/x/y", "cannot exist: ", "/file is not a directory.")]
    [InlineData("link/x", "cannot exist: ", "/link is not a directory.")]
    [InlineData("no/such/place", "/no does not exist")]
    public void A_file_in_the_path_of_the_destination_is_named(string below, params string[] words)
    {
        File.WriteAllText(Path.Combine(place.Disk, "file"), "mine");
        // Below /var/tmp, which is world-writable, the link itself would be refused.
        string root = below.StartsWith("link", StringComparison.Ordinal) ? place.MakeTrusted() : place.Disk;
        if (root != place.Disk)
            File.CreateSymbolicLink(Path.Combine(root, "link"), Path.Combine(place.Disk, "file"));
        string destination = Path.Combine(root, below);
        foreach (string[] options in (string[][])[[], ["--dry-run"]])
            Ended.Refused(
                4, place, place.Copy(
                ["--destination", destination, .. options]), [destination, "--destination", .. words]);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(place.Disk, "file")));
    }

    [KernelFact]
    public void A_relative_destination_that_is_a_file_is_named_as_it_was_given()
    {
        File.WriteAllText(Path.Combine(place.Disk, "file"), "mine");
        using RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(place.Source("*")), "--destination", "file/x"], directory: place.Disk);
        Ended.Refused(4, place, cli.Wait(), "file/x", ": file is not a directory.");
    }

    [KernelTheory]
    [InlineData("file")]
    [InlineData("link")]
    public void A_file_or_link_with_the_partial_name_is_named(string what)
    {
        if (what == "file")
            File.WriteAllText(place.PartialPath, "mine");
        else
            File.CreateSymbolicLink(place.PartialPath, "/nowhere");
        CliResult result = place.Copy();
        Ended.With(4, result);
        Ended.Says(result, $"{place.PartialPath} is not a directory", "in the way", "Remove it");
        Assert.Equal([".b.partial"], place.LeftInDestination);
    }

    [KernelFact(Needs.Nobody)]
    public void A_partial_directory_of_another_user_that_cannot_be_opened_does_not_stop_the_copy()
    {
        Kernel.Own(place.Memory, Cli.NobodyId);
        Kernel.Own(place.Source("a"), Cli.NobodyId);
        Workspace.MakePrivate(place.PartialPath);
        string manifest = place.Manifest(place.Source("a"));
        Kernel.Own(place.Disk, Cli.NobodyId);
        Kernel.Own(place.Destination, Cli.NobodyId);
        Ended.With(0, Cli.RunAsNobody("--manifest", manifest));
        Assert.Equal([".b.partial", "b"], place.LeftInDestination.Order());
        Ended.With(0, place.Verify());
    }

    [KernelFact]
    public void A_relative_destination_counts_from_the_working_directory()
    {
        using RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(place.Source("*")), "--destination", "out"], directory: place.Disk);
        Ended.Committed(0, place, cli.Wait());
    }

    [KernelFact]
    public void A_bundle_that_exists_is_not_touched()
    {
        Ended.Committed(0, place, place.Copy());
        string receipt = File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json"));
        SourceFile.Dense(place.Source("other"), 4096);

        CliResult again = place.Copy();

        Ended.With(4, again);
        Ended.Says(again, place.BundlePath, "exists");
        Assert.Equal(["b"], place.LeftInDestination);
        Assert.Equal(receipt, File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json")));
        Ended.With(0, place.Verify());
    }

    [KernelTheory]
    [InlineData("file")]
    [InlineData("link")]
    public void Anything_with_the_bundles_name_blocks_the_bundle(string what)
    {
        if (what == "file")
            File.WriteAllText(place.BundlePath, "mine");
        else
            File.CreateSymbolicLink(place.BundlePath, "/nowhere");
        CliResult result = place.Copy();
        Ended.With(4, result);
        Ended.Says(result, place.BundlePath);
        Assert.Equal(["b"], place.LeftInDestination);
    }

    [KernelFact]
    public void Another_running_copy_of_the_bundle_is_not_disturbed()
    {
        Workspace.MakePrivate(place.PartialPath);
        using SafeFileHandle other = Kernel.Lock(place.PartialPath);
        CliResult result = place.Copy();
        Ended.With(4, result);
        Ended.Says(result, "Another process");
        Assert.Equal([".b.partial"], place.LeftInDestination);
    }

    [KernelFact]
    public void The_leftovers_of_a_killed_run_are_removed()
    {
        Workspace.MakePrivate(place.PartialPath);
        string files = Workspace.MakePrivate(Path.Combine(place.PartialPath, "files"));
        string rubbish = Path.Combine(files, "rubbish");
        File.WriteAllText(rubbish, "x");
        File.SetUnixFileMode(rubbish, UnixFileMode.UserRead | UnixFileMode.UserWrite); // as a copy makes it
        ReceiptView receipt = Ended.Committed(0, place, place.Copy());
        receipt["a"].IsWhole();
        Assert.False(File.Exists(place.Output("rubbish")));
    }

    [KernelFact]
    public void An_own_partial_directory_that_no_copy_made_is_not_reported_as_another_users()
    {
        Directory.CreateDirectory(place.PartialPath, (UnixFileMode)0x1ED); // 0755
        CliResult result = place.Copy();
        Ended.With(4, result);
        Ended.Says(result, place.PartialPath, "was not made by a copy", "0700", "Remove it");
        Assert.Equal([".b.partial"], place.LeftInDestination);
    }

    [KernelFact]
    public void A_link_planted_in_place_of_the_partial_directory_is_not_followed()
    {
        string precious = Workspace.MakePrivate(Path.Combine(place.Disk, "precious"));
        File.WriteAllText(Path.Combine(precious, "file"), "x");
        Directory.CreateSymbolicLink(place.PartialPath, precious);
        Ended.With(4, place.Copy());
        Assert.Equal("x", File.ReadAllText(Path.Combine(precious, "file")));
        Assert.Single(Directory.GetFileSystemEntries(precious));
    }

    [KernelFact(Needs.Nobody)]
    public void A_destination_that_may_not_be_written_is_refused()
    {
        // The user owns the sources, but not the destination.
        Kernel.Own(place.Memory, Cli.NobodyId);
        Kernel.Own(place.Source("a"), Cli.NobodyId);
        string manifest = place.Manifest(place.Source("a"));
        Kernel.Own(place.Disk, Cli.NobodyId);
        File.SetUnixFileMode(place.Destination, (UnixFileMode)0x1ED); // 0755
        Ended.Refused(4, place, Cli.RunAsNobody("--manifest", manifest), place.Destination, "EACCES");
    }

    [KernelFact(Needs.Loop)]
    public void A_read_only_mount_is_refused()
    {
        place.Mount("ext4", 16 << 20);
        place.RemountReadOnly();
        Ended.Refused(4, place, place.Copy(), place.Destination, "EROFS");
    }
}
