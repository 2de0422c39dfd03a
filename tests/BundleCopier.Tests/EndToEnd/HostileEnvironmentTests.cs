using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Unusual or hostile environments of the program.</summary>
public sealed class HostileEnvironmentTests : IDisposable
{
    private readonly Workspace place = new();

    public HostileEnvironmentTests() => SourceFile.Dense(place.Source("a"), (1 << 20) + 5);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_source_with_a_time_in_the_far_future_is_copied()
    {
        SourceFile.Dense(place.Source("far"), 5000);
        Tool.Run("touch", "-d", "@999999999999", place.Source("far"));
        Ended.Committed(0, place, place.Copy());
        Ended.With(0, place.Verify());
    }

    [KernelTheory]
    [InlineData(4, "bundle-copier.io-dispatcher.type = Banana")]
    [InlineData(2, "akka.actor.provider = nonsense")]
    [InlineData(2, "budget = 2MiB")]
    public void An_actor_system_that_cannot_start_ends_the_program_with_a_message(int exitCode, string hocon)
    {
        Ended.With(exitCode, place.Copy("--config", place.Config(hocon)));
        Assert.Empty(place.LeftInDestination);
    }

    [KernelTheory]
    [InlineData("--json >/dev/full")]
    [InlineData("--json >&-")]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    [InlineData("--json <&- >&- 2>&-")]
    [InlineData("--progress always 2>/dev/full")]
    public void Output_that_cannot_be_written_does_not_change_the_end_of_a_copy(string redirection)
    {
        string command =
            $"{string.Join(' ', Cli.Program)} --manifest {place.Manifest(place.Source("a"))} "
            + $"--config {place.Config("bundle-copier.writer.max-rate = 1MiB")} {redirection}";
        Tool.Run("sh", "-c", command);
        Ended.With(0, place.Verify());
    }

    [Trait("Program", "native")]
    [KernelTheory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("--manifest {manifest} --dry-run --json")]
    [InlineData("verify --help")]
    public void Where_standard_output_is_closed_nothing_is_written_to_another_file(string arguments)
    {
        string command = string.Join(' ', Cli.Program) + " "
            + arguments.Replace("{manifest}", place.Manifest(place.Source("a")), StringComparison.Ordinal);
        Assert.Equal("code 0", Tool.Run("sh", "-c", $"{command} 2>/dev/null >&-; echo code $?"));
    }

    [KernelTheory]
    [InlineData("--help")]
    [InlineData("verify --help")]
    [InlineData("--version")]
    public void Where_standard_output_is_full_the_program_says_so(string arguments)
    {
        string command = $"{string.Join(' ', Cli.Program)} {arguments}";
        string said = Tool.Run("sh", "-c", $"{command} 2>&1 >/dev/full; echo code $?");
        Assert.Matches(@"^bundlecopy: output cannot be written: .*\ncode 4$", said);
    }

    [KernelFact]
    public void A_bundle_may_have_more_directories_than_a_process_may_open()
    {
        System.Text.Json.Nodes.JsonObject[] entries =
            [.. Enumerable.Range(0, 300).Select(i => Workspace.Entry(place.Source("a"), $"d{i}/e/a"))];
        string manifest = place.Manifest(entries);
        Tool.Run("sh", "-c", $"ulimit -n 250; exec {string.Join(' ', Cli.Program)} --manifest {manifest} --quiet");
        Ended.With(0, place.Verify());
        Assert.Equal(300, Directory.GetFiles(place.BundlePath, "a", SearchOption.AllDirectories).Length);
    }

    [Trait("Program", "native")]
    [KernelTheory]
    [InlineData(64, 0)]
    [InlineData(40, 0)]
    [InlineData(14, 4)]
    [InlineData(6, 4)]
    [InlineData(5, 4)]
    public void With_few_descriptors_all_files_are_copied_or_nothing_is_left(int descriptors, int exitCode)
    {
        for (int i = 0; i < 60; i++)
            SourceFile.Dense(place.Source($"small{i}"), 5000);
        CliResult copied = LimitedCopy($"ulimit -n {descriptors}");
        Ended.With(exitCode, copied);
        if (exitCode == 0)
        {
            Ended.With(0, place.Verify());
            return;
        }

        Assert.Empty(place.LeftInDestination);
        Assert.Contains("raise the limit (ulimit -n", copied.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Trait("Program", "native")]
    [KernelFact]
    public void Where_files_may_have_only_512_bytes_the_limit_is_named()
    {
        CliResult copied = LimitedCopy("ulimit -f 1"); // of 512 bytes: POSIX, and dash
        Ended.With(4, copied);
        Assert.Contains("EFBIG", copied.Errors, StringComparison.Ordinal);
        Assert.Contains("ulimit -f", copied.Errors, StringComparison.Ordinal);
    }

    [Trait("Program", "native")]
    [KernelTheory]
    [InlineData("umount -l /proc")]
    [InlineData("mount -t tmpfs tmpfs /proc")]
    public void Bundles_are_read_back_without_proc(string command)
    {
        Ended.With(0, place.Copy("--compression", "lz4"));
        string restored = Directory.CreateDirectory(Path.Combine(place.Disk, "restored")).FullName;
        foreach (string arguments in (string[])
            [$"verify {place.BundlePath}", $"cat {place.BundlePath} a", $"show {place.BundlePath}",
            $"list {place.Destination}", $"extract {place.BundlePath} {restored}"])
        {
            CliResult result = WithoutProc(command, arguments);
            Ended.With(0, result);
            Assert.DoesNotContain("damaged", result.Output, StringComparison.Ordinal);
        }

        Same.Bytes(place.Source("a"), Path.Combine(restored, "a"));
    }

    [Trait("Program", "native")]
    [KernelFact]
    public void Memory_of_a_process_without_proc_is_said_to_need_it()
    {
        CliResult captured = WithoutProc("umount -l /proc", $"capture --pid 1 --to {place.Destination} --name b");
        Ended.With(3, captured);
        Assert.Contains("NO_PROC", captured.Errors, StringComparison.Ordinal);
        Assert.Contains("mount -t proc proc /proc", captured.Errors, StringComparison.Ordinal);
    }

    [KernelFact]
    public void Files_that_the_kernel_makes_up_are_not_called_copied()
    {
        ReceiptView receipt = Ended.Committed(
            3, place, Cli.Run("--manifest", place.Manifest("/proc/self/maps", place.Source("a"))));
        Assert.Equal(("failed", "NOT_REGULAR"), (receipt["maps"].Status, receipt["maps"].Error));
        Assert.Equal(
            ["a"], Directory.GetFiles(Path.Combine(place.BundlePath, "files")).Select(f => Path.GetFileName(f)!));
    }

    [KernelFact]
    public void Running_without_arguments_is_an_error() => Ended.With(2, Cli.Run());

    private CliResult LimitedCopy(string limit) => Cli.Start(
        ["--manifest", place.Manifest(place.Source("*"))], before: ["sh", "-c", $"{limit}; exec \"$@\"", "sh"]).Wait();

    private static CliResult WithoutProc(string command, string arguments) => Cli.Start(
        arguments.Split(' '),
        before: ["unshare", "-m", "sh", "-c", $"mount --make-rprivate / && {command} && exec \"$@\"", "sh"]).Wait();
}
