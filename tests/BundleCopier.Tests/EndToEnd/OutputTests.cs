using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>What is written to standard output and to standard error.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly Workspace place = new();

    public OutputTests()
    {
        SourceFile.Dense(place.Source("a"), (64 << 20) + 9);
        SourceFile.Sparse(place.Source("b [red]odd[x]"), 32 << 20, (1 << 20, 1 << 20));
    }

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Json_is_one_object_a_line_and_the_last_is_the_receipt()
    {
        CliResult result =
            place.Copy("--json", "--config", place.Config("bundle-copier { progress-interval = 50ms, budget = 2MiB }"));
        Ended.Committed(0, place, result);
        Assert.EndsWith("\n", result.Output, StringComparison.Ordinal);
        JsonNode[] lines = [.. result.Output.TrimEnd('\n').Split('\n').Select(l => JsonNode.Parse(l)!)];
        Assert.All(lines.SkipLast(1), l => Assert.Equal("progress", (string)l["event"]!));
        long[] done = [.. lines.SkipLast(1).Select(l => (long)l["dataBytes"]!)];
        Assert.Equal(done.Order(), done);
        JsonNode onDisk = JsonNode.Parse(File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json")))!;
        Assert.True(JsonNode.DeepEquals(onDisk, lines[^1]), $"{onDisk}\n{lines[^1]}");
    }

    [KernelFact]
    public void Json_of_a_partial_copy_ends_with_its_receipt_too()
    {
        CliResult result =
            Cli.Run("--manifest", place.Manifest(place.Source("a"), place.Source("nowhere")), "--json", "--quiet");
        Ended.With(3, result);
        JsonNode last = JsonNode.Parse(result.Output.TrimEnd('\n').Split('\n')[^1])!;
        Assert.Equal("partial", (string)last["status"]!);
        Assert.Equal("", result.Errors);
    }

    [KernelFact]
    public void Json_of_a_partial_copy_counts_incomplete_files_in_its_progress()
    {
        CliResult result = Cli.Run("--manifest", place.Manifest(place.Source("a"), place.Source("nowhere")), "--json");
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        JsonNode last = JsonNode.Parse(lines[^3])!;
        JsonNode missing = JsonNode.Parse(lines[^2])!;
        Assert.Equal(
            ("missing", 1, 1, "there is no such file"),
            ((string)missing["event"]!, (int)missing["filesIncomplete"]!, (int)missing["filesNotOpened"]!,
                (string)missing["reasons"]![0]!["reason"]!));
        Assert.Equal(
            ("done", 2, 1, 2),
            ((string)last["phase"]!, (int)last["filesDone"]!, (int)last["filesIncomplete"]!,
                (int)last["filesTotal"]!));
    }

    [KernelTheory]
    [InlineData("a", 3000, 60 << 20)]
    [InlineData("holes", 0, 4 << 20)]
    public void At_the_end_progress_counts_all_data(string source, long offset, long length)
    {
        SourceFile.Sparse(place.Source("holes"), 32 << 20, (1 << 20, 1 << 20), (8 << 20, 5 << 20));
        CliResult result =
            Cli.Run("--json", "--manifest",
            place.Manifest(Workspace.Entry(place.Source(source), ranges: (offset, length))));
        Ended.Committed(0, place, result);
        JsonNode last = JsonNode.Parse(result.Output.TrimEnd('\n').Split('\n')[^2])!;
        Assert.Equal((long)last["dataBytesTotal"]!, (long)last["dataBytes"]!);
    }

    [KernelFact]
    public void Json_of_a_copy_that_committed_nothing_has_no_receipt_and_no_phase_done()
    {
        EndsWithoutReceipt(4, place.Copy("--json", "--destination", "/nowhere"), "/nowhere");
        Workspace.MakePrivate(place.Source("other"));
        SourceFile.Dense(place.Source("other/a"), 5);
        string twoOfOneName = place.Manifest(place.Source("a"), place.Source("other/a"));
        EndsWithoutReceipt(2, Cli.Run("--manifest", twoOfOneName, "--json"), "files[1]");
    }

    [KernelFact]
    public void Quiet_is_silent()
    {
        Assert.Equal(new CliResult(0, "", ""), place.Copy("--quiet"));
        Assert.NotEqual("", place.Copy("--quiet").Errors); // the bundle exists now
    }

    [KernelFact]
    public void A_quiet_dry_run_gives_only_its_exit_code_and_the_requested_JSON()
    {
        string missing = place.Manifest(place.Source("a"), place.Source("nowhere"));
        Assert.Equal(new CliResult(0, "", ""), place.Copy("--dry-run", "--quiet"));
        Assert.Equal(new CliResult(3, "", ""), Cli.Run("--manifest", missing, "--dry-run", "--quiet"));
        CliResult json = Cli.Run("--manifest", missing, "--dry-run", "--quiet", "--json");
        Assert.Equal((3, ""), (json.ExitCode, json.Errors));
        Assert.Equal("plan", (string)JsonNode.Parse(json.Output)!["event"]!);
    }

    [KernelFact]
    public void Without_a_terminal_there_is_no_bar_and_nothing_that_moves_a_cursor()
    {
        foreach (string[] options in new string[][] { [], ["--progress", "auto"], ["--progress", "never"] })
        {
            CliResult result = place.Copy(options);
            Ended.Committed(0, place, result);
            Assert.Equal("", result.Output);
            Assert.DoesNotContain('\r', result.Errors);
            Assert.DoesNotContain('\e', result.Errors);
            Ended.Says(result, "complete", place.BundlePath);
            Assert.All(
                result.Errors.TrimEnd('\n').Split('\n'), l =>
                Assert.StartsWith("bundlecopy: ", l, StringComparison.Ordinal));
            Directory.Delete(place.BundlePath, recursive: true);
        }
    }

    [KernelFact]
    public void Progress_that_is_asked_for_is_shown_on_standard_error()
    {
        // Slow enough for a plain line, which comes after a second.
        string config = place.Config("bundle-copier { progress-interval = 50ms, writer.max-rate = 20MiB }");
        CliResult result = place.Copy("--progress", "always", "--config", config);
        Ended.Committed(0, place, result);
        Assert.Equal("", result.Output);
        Ended.Says(result, "files", "%", "MiB/s", "complete", place.BundlePath);
    }

    [KernelFact]
    public void A_dry_run_shows_the_files_and_writes_nothing()
    {
        Kernel.Status[] before = [.. Directory.GetFiles(place.Memory).Select(Kernel.StatusOf)];
        CliResult result = place.Copy("--dry-run");
        Ended.With(0, result);
        Assert.Empty(place.LeftInDestination);
        Assert.Equal(before, Directory.GetFiles(place.Memory).Select(Kernel.StatusOf));
        foreach (string word in new[] { "b [red]odd[x]", "64 MiB", "31 MiB", place.BundlePath, "direct" })
            Assert.Contains(word, result.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void A_dry_run_in_json_is_one_object()
    {
        CliResult result = place.Copy("--dry-run", "--json");
        Ended.With(0, result);
        JsonNode plan = JsonNode.Parse(result.Output)!;
        Assert.Equal("plan", (string)plan["event"]!);
        Assert.Equal((64 << 20) + 9, (long)plan["files"]![0]!["dataBytes"]!);
        Assert.Equal(31 << 20, (long)plan["files"]![1]!["holeBytes"]!);
        Assert.Empty(place.LeftInDestination);
    }

    [KernelFact]
    public void A_dry_run_has_the_exit_code_of_the_copy()
    {
        string missing = place.Manifest(place.Source("a"), place.Source("nowhere"));
        CliResult partial = Cli.Run("--manifest", missing, "--dry-run");
        Ended.With(3, partial);
        Assert.Contains("ENOENT", partial.Output, StringComparison.Ordinal);
        Ended.Refused(4, place, place.Copy("--dry-run", "--destination", "/nowhere"), "/nowhere");
        Ended.Committed(0, place, place.Copy());
        Ended.With(4, place.Copy("--dry-run"));
    }

    [KernelTheory]
    [InlineData("--manifest", "--help")]
    [InlineData("verify", "-h")]
    [InlineData("BUNDLE_DIR", "verify", "--help")]
    public void Help_of_the_named_command_is_shown(string word, params string[] args)
    {
        CliResult result = Cli.Run(args);
        Ended.With(0, result);
        Assert.Equal("", result.Errors);
        Assert.Contains(word, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
    }

    [KernelTheory]
    [InlineData("extract", " BUNDLE_DIR DEST [NAME...]", "\n  DEST    ", "\n  [NAME...]    ")]
    [InlineData("cat", " BUNDLE_DIR NAME\n", "\n  NAME    ")]
    public void Help_shows_which_arguments_are_optional(string command, params string[] words)
    {
        CliResult result = Cli.Run(command, "--help");
        Assert.All(words, w => Assert.Contains(w, result.Output, StringComparison.Ordinal));
    }

    [KernelFact]
    public void The_version_is_one_line()
    {
        CliResult result = Cli.Run("--version");
        Ended.With(0, result);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", result.Output);
    }

    [KernelFact]
    public void Each_command_that_has_json_gives_its_errors_as_json()
    {
        EndsWithoutReceipt(2, Cli.Run("copy", "--json", "--bugdet", "32MiB", "/s"), "--bugdet");
        EndsWithoutReceipt(2, Cli.Run("verify", "--json", "--complet", "/b"), "--complet");
        EndsWithoutReceipt(4, Cli.Run("list", "--json", "/nowhere"), "/nowhere");
        string config = place.Config($"bundle-copier.serve.control-socket = {place.Disk}/none.sock");
        EndsWithoutReceipt(4, Cli.Run("serve", "--status", "--json", "--config", config), "none.sock");
        Assert.Equal("", Cli.Run("show", "--json", "/b").Output);
    }

    private static void EndsWithoutReceipt(int exitCode, CliResult result, string word)
    {
        Ended.With(exitCode, result);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonNode error = JsonNode.Parse(lines[^1])!;
        Assert.Equal(("error", exitCode), ((string)error["event"]!, (int)error["exitCode"]!));
        Assert.Contains(word, (string)error["message"]!, StringComparison.Ordinal);
        foreach (string line in lines.SkipLast(1))
        {
            JsonNode progress = JsonNode.Parse(line)!;
            Assert.Equal("progress", (string)progress["event"]!);
            Assert.NotEqual("done", (string)progress["phase"]!);
        }

        Ended.Says(result, word);
    }
}
