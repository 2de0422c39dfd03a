using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A copy that is stopped commits what is complete; a killed copy leaves nothing under the bundle's name.
/// </summary>
public sealed class SignalTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long FirstBytes = MiB + 7;
    private const long BigBytes = 192 * MiB;

    private readonly Workspace place = new();
    private readonly string manifest;

    public SignalTests()
    {
        string first = SourceFile.Dense(place.Source("first"), FirstBytes);
        string big = SourceFile.Dense(place.Source("big"), BigBytes);
        string[] last = [.. Enumerable.Range(0, 50).Select(i => SourceFile.Dense(place.Source($"last-{i:d2}"), 4096))];
        manifest = place.Manifest(
            [Workspace.Entry(first, priority: 20), Workspace.Entry(big, priority: 10),
                .. last.Select(l => Workspace.Entry(l))]);
    }

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData(Kernel.SigInt, 130)]
    [InlineData(Kernel.SigTerm, 143)]
    [InlineData(Kernel.SigHup, 129)]
    public void A_signal_ends_a_copy_with_a_bundle_of_what_was_complete(int signal, int exitCode)
    {
        using RunningCli cli = Begin();
        cli.Signal(signal);
        cli.Thaw();
        CliResult result = cli.Wait();
        ReceiptView receipt = Ended.Committed(exitCode, place, result);

        Assert.Equal("cancelled", receipt.Status);
        receipt["first"].IsWhole();
        Same.Bytes(place.Source("first"), place.Output("first"));
        Assert.Equal("CANCELLED", receipt["big"].Error);
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            Assert.Equal(file.Error is null, file.Status == "copied");
            foreach ((long offset, long length) in file.Ranges)
                Same.Stretch(file.Source, Path.Combine(place.BundlePath, file.Output!), offset, offset + length);
        }

        Assert.Contains(receipt.Files, f => f.Status == "skipped");
        Ended.Says(result, "cancelled", place.BundlePath);
        string[] lines = result.Errors.Split('\n');
        Assert.Contains("stopping: committing what is complete", lines[0], StringComparison.Ordinal);
        Assert.Single(lines, l => l.Contains("stopping", StringComparison.Ordinal));
    }

    [KernelFact]
    public void A_quiet_copy_stays_quiet_when_a_signal_stops_it()
    {
        using RunningCli cli = Begin("--quiet");
        cli.Signal(Kernel.SigInt);
        cli.Thaw();
        Assert.Equal(new CliResult(130, "", ""), cli.Wait());
    }

    [KernelTheory(Needs.Loop)]
    [InlineData(Kernel.SigInt, 130)]
    [InlineData(Kernel.SigTerm, 143)]
    public void A_second_signal_ends_a_copy_at_once_and_commits_nothing(int signal, int exitCode)
    {
        place.Mount("ext4", 256 * MiB);
        string own = place.Manifest(Workspace.Entry(place.Source("big")));
        using RunningCli cli = Cli.Start(["--manifest", own, "--config", SlowConfig()]);
        cli.FreezeWhen(() => File.Exists(Path.Combine(place.PartialPath, "files", "big")), "the big file is begun");
        // On a frozen filesystem a stopping copy waits until the test thaws it.
        Tool.Run("fsfreeze", "--freeze", place.Destination);
        try
        {
            cli.Signal(signal);
            cli.Thaw();
            cli.Await(() => cli.HasSaid("stopping"), "it says that it is stopping");
            long toldAt = Environment.TickCount64;
            // Both count as one request for a second.
            cli.Await(() => Environment.TickCount64 - toldAt > 1000, "a second");
            Assert.False(cli.HasEnded);
            cli.Signal(signal);
            cli.Await(() => cli.IsDying, "it dies");
        }
        finally
        {
            Tool.Run("fsfreeze", "--unfreeze", place.Destination);
        }

        CliResult result = cli.Wait();
        Ended.With(exitCode, result);
        Assert.Equal([".b.partial"], place.LeftInDestination);
        Assert.DoesNotContain("cancelled", result.Errors, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData(Kernel.SigInt, 130)]
    [InlineData(Kernel.SigTerm, 143)]
    public void The_same_signal_twice_at_once_is_one_request(int signal, int exitCode)
    {
        using RunningCli cli = Begin();
        cli.Signal(signal);
        cli.Thaw();
        cli.Signal(signal);
        CliResult result = cli.Wait();
        Assert.Equal("cancelled", Ended.Committed(exitCode, place, result).Status);
    }

    [KernelFact]
    public void A_killed_copy_leaves_nothing_under_the_name_and_the_same_command_succeeds()
    {
        using (RunningCli cli = Begin())
        {
            cli.Signal(Kernel.SigKill);
            Ended.With(137, cli.Wait());
        }

        Assert.Equal([".b.partial"], place.LeftInDestination);
        Ended.With(4, place.Verify());

        ReceiptView receipt = Ended.Committed(0, place, Cli.Run("--manifest", manifest));
        Assert.All(receipt.Files, f => f.IsWhole());
        Same.Bytes(place.Source("big"), place.Output("big"));
    }

    [KernelFact]
    public void A_second_copy_of_a_bundle_fails_at_once_and_does_not_disturb_the_first()
    {
        using RunningCli first = Begin();
        CliResult second = Cli.Run("--manifest", manifest);
        Ended.With(4, second);
        Ended.Says(second, "Another process");
        first.Thaw();
        Assert.All(Ended.Committed(0, place, first.Wait()).Files, f => f.IsWhole());
    }

    [KernelTheory]
    [InlineData(Kernel.SigInt, 130)]
    [InlineData(Kernel.SigTerm, 143)]
    [InlineData(Kernel.SigHup, 129)]
    public void A_signal_ends_a_verification(int signal, int exitCode)
    {
        Ended.Committed(0, place, Cli.Run("--manifest", manifest));
        using RunningCli cli = Cli.Start(["verify", place.BundlePath]);
        cli.FreezeWhen(() => cli.HasOpen(place.Output("big")), "the big file is being read");
        cli.Signal(signal);
        cli.Thaw();
        CliResult result = cli.Wait();
        Ended.With(exitCode, result);
        Ended.Says(result, "stopped");
    }

    private string SlowConfig() =>
        place.Config("bundle-copier { budget = 2MiB, reader.threads = 1, writer.threads = 1 }");

    [KernelFact]
    public void A_copy_under_nohup_goes_on_after_SIGHUP()
    {
        string command = $"{string.Join(' ', Cli.Program)} --manifest {manifest} --quiet";
        Tool.Run("sh", "-c", $"trap '' HUP; {command} & kill -HUP $!; wait $!");
        Assert.Equal("complete", ReceiptView.Read(place).Status);
    }

    private RunningCli Begin(params string[] options)
    {
        RunningCli cli = Cli.Start(["--manifest", manifest, "--config", SlowConfig(), .. options]);
        // The first file gets its exact length when all of it is written.
        FileInfo first = new(Path.Combine(place.PartialPath, "files", "first"));
        string big = Path.Combine(place.PartialPath, "files", "big");
        cli.FreezeWhen(
            () =>
            {
                first.Refresh();
                return first.Exists && first.Length == FirstBytes && File.Exists(big);
            },
            "the first file is written and the big file is begun");
        return cli;
    }
}
