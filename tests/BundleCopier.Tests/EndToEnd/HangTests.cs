using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Sources and destinations that stop answering: FUSE servers and a frozen disk.</summary>
[Trait("Speed", "slow")]
public sealed class HangTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const int StallMs = 2000;

    // Starting the managed program on a busy machine takes most of it.
    private const int PatienceMs = 6000;

    private readonly Workspace place = new();
    private HangingFilesystem? filesystem;

    public void Dispose()
    {
        filesystem?.Dispose();
        place.Dispose();
    }

    [KernelTheory(Needs.ForgetfulDisk)]
    [InlineData("lookup")]
    [InlineData("getattr")]
    [InlineData("open")]
    [InlineData("read")]
    public void A_source_that_hangs_costs_its_filesystem_and_no_other_file(string operation)
    {
        HangingFilesystem hanging = Mount("stuck", "behind-it");
        string link = Path.Combine(place.MakeTrusted(), "link");
        File.CreateSymbolicLink(link, hanging.Point);
        string healthy = SourceFile.Dense(Path.Combine(place.MakeTrusted(), "healthy"), MiB);
        string heap = SourceFile.Dense(place.Source("heap"), 40 * MiB + 5);
        hanging.Hang(operation, "stuck");
        Stopwatch time = Stopwatch.StartNew();
        CliResult result = Cli.Run(
            "--manifest",
            place.Manifest(
                Workspace.Entry(Path.Combine(link, "stuck"), priority: 9),
                Workspace.Entry(Path.Combine(link, "behind-it"), priority: 9),
                Workspace.Entry(healthy),
                Workspace.Entry(heap)),
            "--config",
            Config());
        time.Stop();
        int held = hanging.Held;
        hanging.Thaw();
        ReceiptView receipt = Ended.Committed(3, place, result);

        Assert.InRange(time.ElapsedMilliseconds, StallMs, StallMs + PatienceMs);
        receipt["heap"].IsWhole();
        Same.Bytes(heap, place.Output("heap"));
        // Its mount is the one that the text of the link names.
        receipt["healthy"].IsWhole();
        Assert.Equal("NO_ANSWER", receipt["stuck"].Error);
        Assert.Equal("NO_ANSWER", receipt["behind-it"].Error);
        // The other file of the filesystem did not cost a timeout of its own.
        Assert.InRange(held, 1, 3);
        Ended.Says(result, $"the filesystem of {hanging.Point} did not answer for 2 s");
    }

    [KernelTheory(Needs.ForgetfulDisk)]
    [InlineData("lookup")]
    [InlineData("read")]
    public void A_source_that_answers_late_is_copied_whole_and_the_others_do_not_wait_for_it(string operation)
    {
        HangingFilesystem hanging = Mount("slow");
        string heap = SourceFile.Dense(place.Source("heap"), 20 * MiB);
        hanging.Hang(operation, "slow");
        using RunningCli cli = Cli.Start(
        [
            "--manifest",
            place.Manifest(
                Workspace.Entry(Path.Combine(hanging.Point, "slow"), priority: 9), Workspace.Entry(heap)),
            "--config", place.Config("bundle-copier.stall-timeout = 30s"),
        ]);
        string copied = Path.Combine(place.PartialPath, "files", "heap");
        cli.Await(
            () => File.Exists(copied) && !cli.HasOpen(copied) && hanging.Held > 0,
            "the file in memory is finished while the other one hangs");
        Assert.False(cli.HasEnded);
        hanging.Thaw();
        ReceiptView receipt = Ended.Committed(0, place, cli.Wait());
        Assert.All(receipt.Files, static f => f.IsWhole());
        Same.Bytes(Path.Combine(hanging.Behind, "slow"), place.Output("slow"));
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public void A_directory_of_a_pattern_that_hangs_costs_the_pattern()
    {
        HangingFilesystem hanging = Mount("engine.ring");
        Directory.CreateDirectory(Path.Combine(hanging.Behind, "rings"));
        string heap = SourceFile.Dense(place.Source("heap"), MiB);
        hanging.Hang("lookup", "rings");
        CliResult result = Cli.Run(
            "--manifest", place.Manifest(Path.Combine(hanging.Point, "rings", "*.ring"), heap), "--config", Config());
        hanging.Thaw();
        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["heap"].IsWhole();
        Assert.Contains(receipt.Files, static f => f.Error == "NO_ANSWER");
    }

    [KernelTheory(Needs.ForgetfulDisk)]
    [InlineData("n*")]
    [InlineData("m*")]
    public void A_directory_without_an_end_ends_at_the_deadline(string pattern)
    {
        HangingFilesystem hanging = Mount("engine.ring");
        Directory.CreateDirectory(Path.Combine(hanging.Behind, "rings"));
        hanging.MakeEndless("rings");
        CliResult result = Cli.Run(
            "--manifest", place.Manifest(Path.Combine(hanging.Point, "rings", pattern)), "--deadline", "1s");
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal(("skipped", "DEADLINE"), (receipt[pattern].Status, receipt[pattern].Error));
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public void A_file_that_a_server_makes_up_is_not_called_copied()
    {
        filesystem = new HangingFilesystem(place.Disk, behind: "/proc");
        ReceiptView receipt = Ended.Committed(
            3, place, Cli.Run("--manifest", place.Manifest(Path.Combine(filesystem.Point, "version"))));
        Assert.Equal(("failed", "NOT_REGULAR"), (receipt["version"].Status, receipt["version"].Error));
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public void A_file_of_another_user_that_hangs_while_a_pattern_is_listed_costs_the_pattern()
    {
        HangingFilesystem hanging = Mount("engine.ring");
        Kernel.Own(Path.Combine(hanging.Behind, "engine.ring"), Cli.NobodyId);
        string heap = SourceFile.Dense(place.Source("heap"), MiB);
        hanging.Hang("lookup", "engine.ring");
        CliResult result = Cli.Run(
            "--manifest", place.Manifest(Path.Combine(hanging.Point, "*.ring"), heap), "--config", Config());
        hanging.Thaw();
        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["heap"].IsWhole();
        Assert.Contains(receipt.Files, static f => f.Error == "NO_ANSWER");
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public void Reads_that_hang_and_keep_all_memory_end_the_files_that_need_it()
    {
        HangingFilesystem first = Mount("one");
        using HangingFilesystem second = new(Workspace.MakePrivate(Path.Combine(place.Disk, "second")));
        SourceFile.Dense(Path.Combine(second.Behind, "two"), 2 * MiB);
        string heap = SourceFile.Dense(place.Source("heap"), 3 * MiB);
        first.Hang("read", "one");
        second.Hang("read", "two");
        CliResult result = Cli.Run(
            "--manifest",
            place.Manifest(
                Workspace.Entry(Path.Combine(first.Point, "one"), priority: 9),
                Workspace.Entry(Path.Combine(second.Point, "two"), priority: 8),
                Workspace.Entry(heap)),
            "--config",
            place.Config("bundle-copier { stall-timeout = 2s, budget = 2MiB }"));
        first.Thaw();
        second.Thaw();
        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["heap"].IsWhole();
        Assert.Equal(("NO_ANSWER", "NO_ANSWER"), (receipt["one"].Error, receipt["two"].Error));
    }

    [KernelTheory(Needs.ForgetfulDisk)]
    [InlineData("lookup", "out")]
    [InlineData("mkdir", "*")]
    [InlineData("create", "*")]
    [InlineData("write", "heap")]
    [InlineData("fsync", "heap")]
    [InlineData("fsync", "receipt.json")]
    [InlineData("rename", "*")]
    public void A_destination_that_hangs_ends_the_copy_and_gets_no_bundle(string operation, string name)
    {
        HangingFilesystem hanging = Mount();
        place.Destination = Path.Combine(hanging.Point, "out");
        Workspace.MakePrivate(Path.Combine(hanging.Behind, "out"));
        string manifest = place.Manifest(SourceFile.Dense(place.Source("heap"), 20 * MiB));
        hanging.Hang(operation, name);
        Stopwatch time = Stopwatch.StartNew();
        CliResult result = Cli.Run("--manifest", manifest, "--config", Config());
        Assert.InRange(time.ElapsedMilliseconds, StallMs, StallMs + PatienceMs);
        hanging.Thaw();
        Ended.With(4, result);
        Ended.Says(result, $"{place.Destination} did not answer for 2 s; nothing is committed");
        Assert.DoesNotContain("b", place.LeftInDestination);

        Ended.Committed(0, place, Cli.Run("--manifest", manifest));
    }

    [KernelTheory(Needs.Loop)]
    [InlineData(false)]
    [InlineData(true)]
    public void A_frozen_disk_ends_the_copy_with_words_before_the_thaw_and_nothing_after_it(bool isPreparing)
    {
        place.Mount("ext4", 256 * MiB);
        string manifest = place.Manifest(SourceFile.Dense(place.Source("heap"), 120 * MiB));
        using RunningCli cli = Cli.Start(
        [
            "--manifest", manifest, "--json",
            "--config", place.Config("bundle-copier { stall-timeout = 2s, writer.max-rate = 20MiB }"),
        ]);
        if (isPreparing)
            cli.FreezeWhen(static () => true, "it has begun");
        else
            cli.FreezeWhen(() => File.Exists(Path.Combine(place.PartialPath, "files", "heap")), "the file is begun");
        Tool.Run("fsfreeze", "--freeze", place.Destination);
        try
        {
            cli.Thaw();
            cli.Await(() => cli.HasSaid("did not answer for 2 s"), "it says what is wrong");
            // Its thread in the frozen filesystem keeps the process until the thaw.
            cli.Await(() => cli.IsDying, "it ends");
        }
        finally
        {
            Tool.Run("fsfreeze", "--unfreeze", place.Destination);
        }

        Ended.With(4, cli.Wait());
        Assert.DoesNotContain("b", place.LeftInDestination);
        Ended.Committed(0, place, Cli.Run("--manifest", manifest));
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public void A_signal_does_not_wait_for_a_source_that_hangs()
    {
        HangingFilesystem hanging = Mount("stuck");
        string heap = SourceFile.Dense(place.Source("heap"), 5 * MiB);
        hanging.Hang("read", "stuck");
        using RunningCli cli = Cli.Start(
        [
            "--manifest",
            place.Manifest(
                Workspace.Entry(heap, priority: 9), Workspace.Entry(Path.Combine(hanging.Point, "stuck"))),
        ]);
        string copied = Path.Combine(place.PartialPath, "files", "heap");
        cli.Await(() => File.Exists(copied) && !cli.HasOpen(copied) && hanging.Held > 0, "only one file is left");
        Stopwatch time = Stopwatch.StartNew();
        cli.Signal(Kernel.SigTerm);
        CliResult result = cli.Wait();
        Assert.InRange(time.ElapsedMilliseconds, 0, 3000);
        hanging.Thaw();
        ReceiptView receipt = Ended.Committed(143, place, result);
        Assert.Equal("cancelled", receipt.Status);
        receipt["heap"].IsWhole();
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public void A_signal_ends_a_copy_whose_destination_hangs_with_exit_4()
    {
        HangingFilesystem hanging = Mount();
        place.Destination = hanging.Point;
        hanging.Hang("write", "heap");
        using RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(SourceFile.Dense(place.Source("heap"), 5 * MiB)), "--config", Config()]);
        cli.Await(() => hanging.Held > 0, "a write hangs");
        cli.Signal(Kernel.SigTerm);
        Ended.With(4, cli.Wait());
        hanging.Thaw();
        Assert.Equal([".b.partial"], place.LeftInDestination);
    }

    private HangingFilesystem Mount(params string[] files)
    {
        filesystem = new HangingFilesystem(place.Disk);
        foreach (string file in files)
            SourceFile.Dense(Path.Combine(filesystem.Behind, file), 3 * MiB + 5);
        return filesystem;
    }

    private string Config() => place.Config("bundle-copier.stall-timeout = 2s");
}
