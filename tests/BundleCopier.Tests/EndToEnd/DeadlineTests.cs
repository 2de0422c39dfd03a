using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A copy with a deadline on a slow disk: what is saved by then is committed soon after it. Without the deadline, each
/// of these copies would take a minute or more.
/// </summary>
public sealed class DeadlineTests : IDisposable
{
    private const long MiB = 1 << 20;

    // Of the time after the deadline; the program needs less than a second, a busy machine more.
    private const double SlackSeconds = 10;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("", 2)]
    [InlineData("compression = lz4", 2)]
    [InlineData("compression = auto", 3)]
    [InlineData("reader.mode = map", 2)]
    [InlineData("reader.mode = map, zero-detection = off", 2)]
    [InlineData("writer.io = bounded", 2)]
    [InlineData("writer.io = dontcache", 2)]
    public void At_the_deadline_the_start_of_a_large_file_is_committed(string settings, int seconds)
    {
        string big = SourceFile.Dense(place.Source("big"), 192 * MiB);
        ReceiptView receipt = CopyUntil(seconds, settings, place.Manifest(big));
        ReceiptView.FileView file = receipt["big"];
        Assert.True(file.Error is "DEADLINE", $"{file.Status}: {file.Error}");
        if (file.Output is null)
            return; // the machine was too busy for a byte
        if (file.Compression == "none")
        {
            foreach ((long offset, long length) in file.Ranges)
                Same.Stretch(big, Path.Combine(place.BundlePath, file.Output), offset, offset + length);
        }

        Assert.InRange(file.DataBytes, 1, 191 * MiB);
    }

    [KernelFact]
    public void At_the_deadline_the_small_files_of_the_highest_priority_are_saved()
    {
        string[] files = [.. Enumerable.Range(0, 1500)
            .Select(i => SourceFile.Dense(place.Source($"small-{i:d4}"), 60_000))];
        string manifest = place.Manifest([.. files.Select((path, i) => Workspace.Entry(path, priority: i))]);
        ReceiptView receipt = CopyUntil(2, "", manifest);
        ReceiptView.FileView[] byPriority = [.. receipt.Files.OrderByDescending(static f => f.Name)];
        int firstCut = Array.FindIndex(byPriority, static f => f.Status != "copied");
        Assert.InRange(firstCut, 0, files.Length - 1);
        // Files of the same flight as the first one that was not saved.
        Assert.InRange(byPriority[firstCut..].Sum(static f => f.DataBytes), 0, 4 * MiB);
        Assert.Contains(byPriority, static f => f.Status == "skipped");
    }

    [KernelFact]
    public void A_deadline_that_passes_before_anything_is_listed_commits_a_bundle_without_files()
    {
        string manifest = place.Manifest(SourceFile.Dense(place.Source("a"), MiB));
        CliResult result = Cli.Run("--manifest", manifest, "--deadline", "100ms", "--config", Slow("canary = on"));
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal(("partial", "skipped"), (receipt.Status, receipt["a"].Status));
        Ended.Says(result, "nothing was saved");
        Assert.EndsWith(": the deadline of 100 ms has passed", LastLine(result.Errors), StringComparison.Ordinal);
    }

    [KernelFact]
    public void The_option_beats_the_file_and_a_deadline_that_does_not_pass_changes_nothing()
    {
        string manifest = place.Manifest(SourceFile.Dense(place.Source("a"), MiB));
        CliResult result = Cli.Run(
            "--manifest", manifest, "--deadline", "1h", "--config", place.Config("bundle-copier.deadline = 100ms"));
        Ended.Committed(0, place, result)["a"].IsWhole();
    }

    [KernelFact]
    public void Json_tells_the_time_that_is_left_and_what_is_missing_before_the_receipt()
    {
        string manifest = place.Manifest(SourceFile.Dense(place.Source("big"), 192 * MiB));
        CliResult result = Cli.Run("--manifest", manifest, "--json", "--deadline", "2s", "--config", Slow(""));
        Ended.Committed(3, place, result);
        JsonElement[] lines = [.. result.Output.TrimEnd('\n').Split('\n')
            .Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.InRange(lines[0].GetProperty("secondsUntilDeadline").GetDouble(), 0, 2);
        JsonElement missing = lines[^2];
        Assert.Equal("missing", missing.GetProperty("event").GetString());
        Assert.Equal(
            192 * MiB, missing.GetProperty("savedBytes").GetInt64() + missing.GetProperty("missingBytes").GetInt64());
        JsonElement reason = Assert.Single(missing.GetProperty("reasons").EnumerateArray());
        Assert.Equal("DEADLINE", reason.GetProperty("code").GetString());
        Assert.Equal("the deadline of 2 s has passed", reason.GetProperty("reason").GetString());
        Assert.Equal($"bundlecopy: {missing.GetProperty("message").GetString()}", LastLine(result.Errors));
        Assert.Equal("partial", lines[^1].GetProperty("status").GetString());
    }

    private ReceiptView CopyUntil(int seconds, string settings, string manifest)
    {
        Stopwatch time = Stopwatch.StartNew();
        CliResult result = Cli.Run("--manifest", manifest, "--deadline", $"{seconds}s", "--config", Slow(settings));
        double took = time.Elapsed.TotalSeconds;
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal("partial", receipt.Status);
        Assert.InRange(took, seconds * 0.9, seconds + SlackSeconds);
        Assert.InRange(receipt.Resources.GetProperty("seconds").GetDouble(), 0, seconds + SlackSeconds);
        Assert.Contains(
            $" missing: the deadline of {seconds} s has passed", LastLine(result.Errors), StringComparison.Ordinal);
        // The cause is the same for all of them.
        Assert.InRange(result.Errors.Split("bundlecopy: skipped: ").Length - 1, 0, 3);
        return receipt;
    }

    private static string LastLine(string text) => text.TrimEnd('\n').Split('\n')[^1];

    // With the largest budget that is common, much is in flight when the deadline passes.
    private string Slow(string settings) =>
        place.Config($"bundle-copier {{ budget = 64MiB, writer.max-rate = 2MiB, {settings} }}");
}
