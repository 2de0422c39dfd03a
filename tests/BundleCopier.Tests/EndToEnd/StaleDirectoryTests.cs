using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>What a copy finds under its partial name, and what other processes do to it during the copy.</summary>
public sealed class StaleDirectoryTests : IDisposable
{
    private readonly Workspace place = new();

    public StaleDirectoryTests() => SourceFile.Dense(place.Source("a"), 3 << 20);

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Root)]
    public void What_is_mounted_below_a_stale_directory_is_not_removed()
    {
        string treasure = Workspace.MakePrivate(Path.Combine(place.Disk, "treasure"));
        File.WriteAllText(Path.Combine(treasure, "gold"), "x");
        string point = Workspace.MakePrivate(Path.Combine(Workspace.MakePrivate(place.PartialPath), "files"));
        Tool.Run("mount", "--bind", treasure, point);
        try
        {
            CliResult result = place.Copy();
            Ended.With(4, result);
            Ended.Says(result, place.PartialPath, "mounted");
            Assert.True(File.Exists(Path.Combine(treasure, "gold")));
        }
        finally
        {
            Tool.Run("umount", point);
        }
    }

    [KernelFact]
    public void A_private_directory_with_other_content_is_not_removed()
    {
        File.WriteAllText(Path.Combine(Workspace.MakePrivate(place.PartialPath), "notes"), "x");
        foreach (string[] options in (string[][])[["--dry-run"], []])
        {
            CliResult result = place.Copy(options);
            Ended.With(4, result);
            Ended.Says(result, "contains notes", "Remove it");
        }

        Assert.Equal("x", File.ReadAllText(Path.Combine(place.PartialPath, "notes")));
    }

    [KernelFact]
    public void A_file_that_no_copy_made_below_the_files_of_a_stale_directory_is_left_alone_and_named()
    {
        string files = Workspace.MakePrivate(Path.Combine(Workspace.MakePrivate(place.PartialPath), "files"));
        string stray = Path.Combine(Workspace.MakePrivate(Path.Combine(files, "d")), "stray");
        File.WriteAllText(stray, "x");
        foreach (string[] options in (string[][])[["--dry-run"], ["--fresh"], []])
        {
            CliResult result = place.Copy(options);
            Ended.With(4, result);
            Ended.Says(result, "contains files/d/stray", "Remove it");
        }

        Assert.Equal("x", File.ReadAllText(stray));
    }

    [KernelFact]
    public void A_file_that_another_program_puts_into_the_bundle_is_left_alone_and_named()
    {
        using RunningCli cli = BeginSlowly();
        File.WriteAllText(Path.Combine(place.PartialPath, "files", "stray"), "x");
        File.WriteAllText(Path.Combine(place.PartialPath, "beside"), "x");
        cli.Thaw();
        CliResult result = cli.Wait();
        Ended.Committed(0, place, result)["a"].IsWhole();
        Ended.Says(result, "/b/files/stray is not in the receipt", "/b/beside is not in the receipt");
        Assert.Equal("x", File.ReadAllText(place.Output("stray")));
    }

    [KernelFact(Needs.Root)]
    public void A_destination_in_which_nothing_can_be_renamed_is_refused_at_once()
    {
        Tool.Run("chattr", "+a", place.Destination);
        try
        {
            foreach (string[] options in (string[][])[["--dry-run"], []])
                Ended.Refused(4, place, place.Copy(options), "EPERM", "chattr -ai");
        }
        finally
        {
            Tool.Run("chattr", "-a", place.Destination);
        }
    }

    [KernelTheory]
    [InlineData("0177")]
    [InlineData("0277")]
    [InlineData("0777")]
    public void The_umask_does_not_change_the_modes_of_a_bundle(string umask)
    {
        string command = $"{string.Join(' ', Cli.Program)} --manifest {place.Manifest(place.Source("a"))} --quiet";
        Tool.Run("sh", "-c", $"umask {umask}; exec {command}");
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(place.BundlePath));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Path.Combine(place.BundlePath, "files")));
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(place.Output("a")));
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(Path.Combine(place.BundlePath, "receipt.json")));
    }

    [KernelFact]
    public void A_finished_file_that_is_removed_during_the_copy_is_noticed()
    {
        using RunningCli cli = BeginSlowly();
        File.Delete(Path.Combine(place.PartialPath, "files", "a"));
        cli.Thaw();
        CliResult result = cli.Wait();
        Ended.With(4, result);
        Ended.Says(result, "changed files/a", "Nothing is committed");
        Assert.Equal([".b.partial"], place.LeftInDestination);
    }

    [KernelFact]
    public void A_directory_whose_mode_is_changed_during_the_copy_is_committed()
    {
        using RunningCli cli = BeginSlowly();
        File.SetUnixFileMode(place.PartialPath, (UnixFileMode)0x1E8); // 0750
        cli.Thaw();
        Ended.Committed(0, place, cli.Wait())["a"].IsWhole();
    }

    [KernelTheory]
    [InlineData("mv files old; mkdir -m 700 files")]
    [InlineData("mv files/d old; mkdir -m 700 files/d")]
    [InlineData("mv files/d old")]
    [InlineData("ln files/a second")]
    public void A_directory_or_name_that_is_moved_during_the_copy_is_noticed(string command)
    {
        SourceFile.Dense(place.Source("z"), 64 << 20);
        string manifest = place.Manifest(
            Workspace.Entry(place.Source("a"), priority: 2), Workspace.Entry(place.Source("a"), "d/x", priority: 1),
            Workspace.Entry(place.Source("z")));
        using RunningCli cli = BeginSlowly(manifest);
        Tool.Run("sh", "-c", $"cd {place.PartialPath} && {command}");
        cli.Thaw();
        CliResult result = cli.Wait();
        Ended.With(4, result);
        Ended.Says(result, "changed files", "Nothing is committed");
    }

    [KernelTheory]
    [InlineData("truncate -s 4096 files/z")]
    [InlineData("ln files/z second")]
    public void A_file_that_is_cut_at_its_end_or_linked_before_it_is_finished_is_not_called_copied(string command)
    {
        SourceFile.Dense(place.Source("z"), 64 << 20);
        using RunningCli cli = BeginSlowly(place.Manifest(
            Workspace.Entry(place.Source("a"), priority: 1), Workspace.Entry(place.Source("z"))));
        cli.Signal(Kernel.SigTerm);
        Tool.Run("sh", "-c", $"cd {place.PartialPath} && {command}");
        cli.Thaw();
        CliResult result = cli.Wait();
        Ended.With(143, result);
        ReceiptView receipt = ReceiptView.Read(place);
        receipt["a"].IsWhole();
        Assert.NotEqual("copied", receipt["z"].Status);
        Ended.With(0, place.Verify());
    }

    [Trait("Speed", "slow")]
    [KernelTheory]
    [InlineData("none", "truncate -s 0 checksums", "checksums")]
    [InlineData("none", "truncate -s 0 journal", "journal")]
    [InlineData("none", "rm journal", "journal")]
    [InlineData("none", "rm receipt.json", "receipt.json")]
    [InlineData("none", "truncate -s 0 files/z", null)]
    [InlineData("lz4", "truncate -s 0 files/z.lz4", null)]
    [InlineData("none", "truncate -s 0 files/z && truncate -s 33554432 files/z", null)]
    public void What_is_removed_or_cut_before_it_is_complete_is_noticed(
        string compression, string command, string? named)
    {
        SourceFile.Dense(place.Source("z"), (32 << 20) - 5);
        string manifest = place.Manifest(
            Workspace.Entry(place.Source("a"), priority: 1), Workspace.Entry(place.Source("z")));
        using RunningCli cli = BeginSlowly(manifest, compression);
        Tool.Run("sh", "-c", $"cd {place.PartialPath} && {command}");
        if (named is not null)
            cli.Signal(Kernel.SigTerm); // so that it ends soon
        cli.Thaw();
        CliResult result = cli.Wait();
        if (named is not null)
        {
            Ended.With(4, result);
            Ended.Says(result, $"changed {named}", "Nothing is committed");
            return;
        }

        Ended.With(3, result);
        Assert.NotEqual("copied", ReceiptView.Read(place)["z"].Status);
        Ended.With(0, place.Verify());
    }

    [KernelFact(Needs.Root)]
    public void An_immutable_file_in_a_stale_directory_is_named_as_the_cause()
    {
        string files = Path.Combine(Workspace.MakePrivate(place.PartialPath), "files");
        string file = Path.Combine(Workspace.MakePrivate(files), "k");
        File.WriteAllText(file, "x");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Tool.Run("chattr", "+i", file);
        try
        {
            CliResult result = place.Copy();
            Ended.With(4, result);
            Ended.Says(result, "EPERM", "chattr");
        }
        finally
        {
            Tool.Run("chattr", "-i", file);
        }
    }

    private RunningCli BeginSlowly() => BeginSlowly(BigManifest());

    private string BigManifest()
    {
        SourceFile.Dense(place.Source("z"), 64 << 20);
        return place.Manifest(Workspace.Entry(place.Source("a"), priority: 1), Workspace.Entry(place.Source("z")));
    }

    private RunningCli BeginSlowly(string manifest, string compression = "none")
    {
        RunningCli cli = Cli.Start(
            ["--manifest", manifest, "--config", place.Config("bundle-copier.writer.max-rate = 32 MiB"),
            "--compression", compression]);
        string files = Path.Combine(place.PartialPath, "files");
        string end = compression == "lz4" ? ".lz4" : "";
        cli.FreezeWhen(
            () => File.Exists(Path.Combine(files, $"z{end}"))
                && Kernel.StatusOf(Path.Combine(files, $"z{end}")).AllocatedBytes > 0
                && !cli.HasOpen(Path.Combine(files, $"a{end}")) && !cli.HasOpen(Path.Combine(files, "d", "x")),
            "the last file is begun");
        return cli;
    }
}
