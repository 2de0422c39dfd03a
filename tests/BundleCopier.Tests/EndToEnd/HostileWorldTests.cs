using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>What somebody with bad intentions, or a service with a bad day, puts around the program.</summary>
public sealed class HostileWorldTests : IDisposable
{
    private readonly Workspace place = new();

    public HostileWorldTests() => SourceFile.Dense(place.Source("a"), (1 << 20) + 5);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_file_from_a_far_future_costs_nobody_his_bundle()
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
    public void An_actor_system_that_cannot_be_is_an_answer_and_no_hang(int exitCode, string hocon)
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
    public void Output_that_nobody_takes_does_not_change_how_a_copy_ends(string redirection)
    {
        string command =
            $"{string.Join(' ', Cli.Program)} --manifest {place.Manifest(place.Source("a"))} {redirection}";
        Tool.Run("sh", "-c", command);
        Ended.With(0, place.Verify());
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
    public void Nothing_at_all_is_a_mistake() => Ended.With(2, Cli.Run());
}
