using System.Text.RegularExpressions;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>For a copy that seems to hang: SIGQUIT prints its state, debug logging prints its steps.</summary>
public sealed class DiagnosisTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const string StepPrefix = " debug: Bundle b: ";

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void SIGQUIT_prints_the_state_of_the_copy_and_the_copy_goes_on()
    {
        SourceFile.Dense(place.Source("a"), 24 * MiB);
        string config = place.Config(
            "bundle-copier { budget = 4MiB, governor.profile = full, writer { max-rate = 16MiB, threads = 1 } }");
        using RunningCli cli = Cli.Start(["--manifest", place.Manifest(place.Source("a")), "--config", config]);
        string output = Path.Combine(place.PartialPath, "files", "a");
        // More than a second of writing is left when the copy goes on.
        cli.FreezeWhen(
            () => File.Exists(output) && Kernel.StatusOf(output).AllocatedBytes >= MiB, "something was written");
        cli.Signal(Kernel.SigQuit);
        cli.Thaw();
        cli.Await(() => cli.HasSaid(" file 0 a: "), "the state of the file");
        Assert.False(cli.HasEnded);
        CliResult result = cli.Wait();

        Ended.Committed(0, place, result)["a"].IsWhole();
        Same.Bytes(place.Source("a"), place.Output("a"));
        string[] lines = result.Errors.Split('\n');
        string[] expected =
        [
            @"^bundlecopy: bundle b: \d+ workers$",
            "^bundlecopy: phase Copying, 0 of 1 files done, 1 active$",
            @"^bundlecopy: [1-4] of 4 leases out, \d+ slabs in flight, \d+ of \d+ writes in flight, of at most \d+ "
                + "bytes",
            @"^bundlecopy:   segment \d+ of file 0: lease [0-3] with (Reader|Writer), reader \d+, writer 0",
            @"^bundlecopy:   file 0 a: Copying, [1-4] segments in flight, \d+ waiting$",
        ];
        Assert.All(expected, pattern => Assert.Contains(lines, line => Regex.IsMatch(line, pattern)));
    }

    [KernelFact]
    public void Debug_logging_shows_each_phase_and_each_stage_of_a_file_in_order()
    {
        SourceFile.Dense(place.Source("a"), 3 * MiB);
        CliResult result = place.Copy("--log-level", "debug");
        Ended.Committed(0, place, result);
        string[] steps = [.. result.Errors.Split('\n')
            .Where(static line => line.Contains(StepPrefix, StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOf(StepPrefix, StringComparison.Ordinal) + StepPrefix.Length)..])];
        string[] expected =
        [
            "phase: Listing", "phase: Preparing", "phase: Copying", "a: Opening", "a: Creating", "a: Copying",
            "a: Releasing", "a: Finishing", "phase: Committing",
        ];
        Assert.Equal(expected, steps.Take(expected.Length));
    }

    [KernelFact]
    public void Without_debug_logging_no_step_is_logged()
    {
        SourceFile.Dense(place.Source("a"), 3 * MiB);
        CliResult result = place.Copy("--log-level", "info");
        Ended.Committed(0, place, result);
        Assert.DoesNotContain(" debug: ", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("phase", result.Errors, StringComparison.Ordinal);
    }
}
