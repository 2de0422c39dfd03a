using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Copies with --replace.</summary>
public sealed class ReplaceTests : IDisposable
{
    private readonly Workspace place = new();

    public ReplaceTests() => SourceFile.Dense(place.Source("a"), 3 << 20);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_new_bundle_takes_the_place_of_the_old_one()
    {
        Ended.Committed(0, place, place.Copy());
        string before = Receipt();
        File.Delete(place.Source("a"));
        SourceFile.Dense(place.Source("a"), 3 << 20);
        CliResult without = place.Copy();
        Ended.With(4, without);
        Ended.Says(without, place.BundlePath, "--replace");
        Assert.Equal(before, Receipt());

        CliResult result = place.Copy("--replace");
        Ended.Committed(0, place, result)["a"].IsWhole();
        Ended.Says(result, $"removed: {place.BundlePath} (replaced, ");
        Assert.NotEqual(before, Receipt());
        Assert.True(File.ReadAllBytes(place.Source("a")).AsSpan().SequenceEqual(File.ReadAllBytes(place.Output("a"))));
    }

    [KernelFact]
    public void With_json_the_removal_is_an_event_in_front_of_the_receipt()
    {
        Ended.With(0, place.Copy("--replace"));
        CliResult result = place.Copy("--replace", "--json");
        Ended.Committed(0, place, result);
        string[] lines = result.Output.TrimEnd().Split('\n');
        JsonElement removed = JsonDocument.Parse(lines[^2]).RootElement;
        Assert.Equal("removed", removed.GetProperty("event").GetString());
        Assert.Equal("replaced", removed.GetProperty("reason").GetString());
        Assert.Equal(place.BundlePath, removed.GetProperty("path").GetString());
        Assert.InRange(removed.GetProperty("bytes").GetInt64(), 3 << 20, 4 << 20);
        Assert.Equal("b", JsonDocument.Parse(lines[^1]).RootElement.GetProperty("bundle").GetString());
    }

    [KernelFact]
    public void A_dry_run_says_that_it_would_replace_and_does_not()
    {
        Ended.With(0, place.Copy());
        string before = Receipt();
        CliResult result = place.Copy("--replace", "--dry-run");
        Ended.With(0, result);
        Assert.Contains("would be replaced", result.Output, StringComparison.Ordinal);
        Assert.Equal(before, Receipt());
        Assert.Contains("\"replaces\":true", place.Copy("--replace", "--dry-run", "--json").Output);
    }

    [KernelTheory]
    [InlineData("directory")]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("kept")]
    public void What_is_no_bundle_or_is_kept_is_left_alone(string what)
    {
        string inside = Path.Combine(place.BundlePath, "keep");
        if (what == "kept")
            Ended.With(0, place.Copy());
        if (what == "file")
            File.WriteAllText(place.BundlePath, "mine");
        else if (what == "link")
            File.CreateSymbolicLink(place.BundlePath, place.Memory);
        else
            File.WriteAllText(Path.Combine(Workspace.MakePrivate(place.BundlePath), "keep"), "");
        foreach (string[] options in (string[][])[["--replace"], ["--replace", "--dry-run"]])
        {
            CliResult result = place.Copy(options);
            Ended.With(4, result);
            Ended.Says(result, place.BundlePath, "is not replaced");
        }

        Assert.Equal(["b"], place.LeftInDestination);
        Assert.True(what is "file" or "link" || File.Exists(inside));
        if (what == "kept")
            Ended.With(0, place.Verify());
    }

    [KernelFact]
    public void A_bundle_that_is_being_read_is_replaced_and_stays_hidden_until_a_later_copy()
    {
        Ended.With(0, place.Copy());
        using (Kernel.LockShared(place.BundlePath))
        {
            CliResult result = place.Copy("--replace");
            Ended.With(0, result);
            Ended.Says(result, "is in use", ".b.replaced.");
            Assert.Equal(2, place.LeftInDestination.Length);
        }

        // A process that another test starts has the lock for a moment, between fork(2) and execve(2).
        CliResult later = place.Copy("--replace");
        for (int tries = 0; place.LeftInDestination.Length > 1 && tries < 50; tries++)
            later = place.Copy("--replace");
        Ended.Committed(0, place, later);
    }

    [KernelFact]
    public void A_file_of_the_old_bundle_that_has_another_name_is_not_cut_when_the_old_bundle_is_removed()
    {
        SourceFile.Dense(place.Source("large"), 40 << 20); // more than the removal frees in one step
        Ended.With(0, place.Copy());
        string link = Path.Combine(place.Disk, "link");
        Tool.Run("ln", place.Output("large"), link);
        Ended.Committed(0, place, place.Copy("--replace"));
        Assert.Equal(File.ReadAllBytes(place.Source("large")), File.ReadAllBytes(link));
    }

    [KernelFact]
    public void A_copy_that_is_stopped_with_less_data_gets_a_free_name()
    {
        Ended.With(0, place.Copy());
        string before = Receipt();
        SourceFile.Dense(place.Source("z"), 64 << 20);
        using RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(place.Source("z")), "--replace",
                "--config", place.Config("bundle-copier.writer.max-rate = 1 MiB")]);
        cli.Await(() => File.Exists(Path.Combine(place.PartialPath, "files", "z")), "the large file is begun");
        cli.Signal(Kernel.SigTerm);
        CliResult result = cli.Wait();
        Ended.With(143, result);
        Ended.Says(result, "the bundle is b.1; the old bundle b stays, because it holds more");
        Assert.Equal(before, Receipt());
        Ended.With(0, place.Verify());
        Ended.With(0, Cli.Run("verify", place.BundlePath + ".1"));
    }

    [KernelFact]
    public void A_partial_bundle_with_less_data_gets_a_free_name_beside_a_whole_one()
    {
        Ended.With(0, place.Copy());
        string before = Receipt();
        File.Move(place.Source("a"), place.Source("z"));
        CliResult result = Cli.Run("--manifest", place.Manifest(place.Source("a")), "--replace", "--json");
        Ended.With(3, result);
        Assert.EndsWith(
            "the bundle is b.1; the old bundle b stays, because it holds more (3 MiB)",
            result.Errors.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains(
            """{"event":"renamed","wantedBundle":"b","bundle":"b.1","wantedBundleDataBytes":3145728}""",
            result.Output, StringComparison.Ordinal);
        Assert.Equal(before, Receipt());
        Assert.Equal(["b", "b.1"], place.LeftInDestination.Order());
    }

    [KernelFact(Needs.Root)]
    public void What_is_mounted_below_the_old_bundle_stays_and_is_named()
    {
        Ended.With(0, place.Copy());
        string files = Path.Combine(place.BundlePath, "files");
        Tool.Run("mount", "--bind", place.Memory, files);
        string? left = null;
        try
        {
            CliResult result = place.Copy("--replace");
            Ended.With(0, result);
            Ended.Says(result, "Unmount");
            left = Directory.GetDirectories(place.Destination, ".b.replaced.*").Single();
            Assert.True(File.Exists(place.Source("a")));
            Assert.True(File.Exists(place.Output("a")));
        }
        finally
        {
            Tool.Run("umount", left is null ? files : Path.Combine(left, "files"));
        }
    }

    [KernelFact]
    public void After_SIGKILL_at_any_moment_one_bundle_is_whole_under_the_name()
    {
        Ended.With(0, place.Copy());
        string[] args = ["--manifest", place.Manifest(place.Source("*")), "--replace", "--quiet"];
        Random random = new(Moments.Seed);
        System.Diagnostics.Stopwatch since = System.Diagnostics.Stopwatch.StartNew();
        Ended.With(0, Cli.Run(args));
        TimeSpan whole = since.Elapsed;
        for (int i = 0; i < 20; i++)
        {
            using (RunningCli cli = Cli.Start(args))
            {
                since.Restart();
                Moments.Await(cli, since, whole * (0.5 + (random.NextDouble() * 0.6)));
                Moments.Kill(cli);
                Assert.True(cli.Wait().ExitCode is 0 or 137);
            }

            Ended.With(0, place.Verify());
        }

        Ended.With(0, Cli.Run(args));
        Assert.Equal(["b"], place.LeftInDestination);
    }

    private string Receipt() => File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json"));
}
