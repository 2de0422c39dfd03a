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
}
