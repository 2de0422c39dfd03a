using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Retention of the destination through the real program.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly Workspace place = new();

    public RetentionTests() => SourceFile.Dense(place.Source("a"), 3 << 20);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Only_the_newest_bundles_and_those_to_be_kept_stay()
    {
        foreach (string name in (string[])["one", "two", "three", "four"])
            Ended.With(0, CopyAs(name));
        File.WriteAllText(Path.Combine(place.Destination, "one", "keep"), "");
        Directory.CreateDirectory(Path.Combine(place.Destination, "not-a-bundle"));
        CliResult result = CopyAs("b", "max-bundles = 3");
        Ended.With(0, result);
        Assert.Equal(["b", "four", "not-a-bundle", "one"], place.LeftInDestination.Order());
        Ended.Says(
            result, $"removed: {Path.Combine(place.Destination, "two")} (max-bundles, ",
            $"removed: {Path.Combine(place.Destination, "three")} (max-bundles, ");
        Ended.With(0, place.Verify());
        string kept = Path.Combine(place.Destination, "one");
        Ended.With(0, Cli.Run("verify", kept));
        Ended.With(0, Cli.Run("extract", kept, Path.Combine(place.Disk, "restored")));
    }

    [KernelFact]
    public void The_space_that_bundles_use_is_limited()
    {
        foreach (string name in (string[])["one", "two", "three"])
            Ended.With(0, CopyAs(name));
        // Each has 3 MiB and some blocks.
        CliResult result = CopyAs("b", "max-use = 7MiB", "--json");
        Ended.With(0, result);
        Assert.Equal(["b", "three"], place.LeftInDestination.Order());
        string[] events = [.. result.Output.TrimEnd().Split('\n')
            .Where(static l => l.Contains("\"event\":\"removed\"", StringComparison.Ordinal))
            .Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("reason").GetString()!)];
        Assert.Equal(["max-use", "max-use"], events);
    }

    [KernelFact]
    public void A_free_space_that_cannot_be_had_removes_all_but_the_new_bundle()
    {
        Ended.With(0, CopyAs("one"));
        Ended.With(0, CopyAs("b", "keep-free = 100%"));
        Assert.Equal(["b"], place.LeftInDestination);
        Ended.With(0, place.Verify());
    }

    [KernelFact]
    public void A_bundle_that_is_being_read_stays()
    {
        Ended.With(0, CopyAs("one"));
        using (Kernel.LockShared(Path.Combine(place.Destination, "one")))
            Ended.With(0, CopyAs("b", "max-bundles = 1"));
        Assert.Equal(["b", "one"], place.LeftInDestination.Order());
    }

    [KernelFact]
    public void Old_remains_of_a_killed_copy_are_removed()
    {
        string old = Workspace.MakePrivate(Path.Combine(place.Destination, ".old.partial"));
        string fresh = Workspace.MakePrivate(Path.Combine(place.Destination, ".fresh.partial"));
        File.WriteAllText(Path.Combine(old, "receipt.json"), "");
        File.SetLastWriteTimeUtc(Path.Combine(old, "receipt.json"), DateTime.UtcNow.AddDays(-8));
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-8));
        CliResult result = CopyAs("b", "partial-max-age = 7d");
        Ended.With(0, result);
        Ended.Says(result, $"removed: {old} (partial-max-age");
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(fresh));
    }

    [KernelFact(Needs.Nobody)]
    public void Nothing_of_another_user_is_removed_or_counted()
    {
        File.SetUnixFileMode(place.Disk, (UnixFileMode)0x1ED); // 0755
        File.SetUnixFileMode(place.Destination, (UnixFileMode)0x3FF); // 1777
        Ended.With(0, CopyAs("one"));
        string hidden = $".old.expired.{new string('0', 32)}";
        OtherUser.Do(place.Destination, $$"""
            umask 077; mkdir old .x.partial {{hidden}} "$(printf 'a\nb')"
            printf '{"version":1,"bundle":"old","status":"complete"}' > old/receipt.json
            touch keep .x.partial/journal; ln -s /etc link; touch -d '9 days ago' .x.partial/journal .x.partial
            """);
        string[] theirs = [.. place.LeftInDestination.Except(["one"])];
        Assert.Equal(6, theirs.Length);
        CliResult result = CopyAs("b", "max-bundles = 1, partial-max-age = 1d");
        Ended.With(0, result);
        Ended.Says(result, $"removed: {Path.Combine(place.Destination, "one")} (max-bundles, ");
        Assert.Equal(theirs.Append("b").Order(), place.LeftInDestination.Order());
        Assert.True(File.Exists(Path.Combine(place.Destination, "old", "receipt.json")));
    }

    [KernelFact]
    public void Two_copies_at_once_do_not_remove_each_others_bundles()
    {
        for (int round = 0; round < 5; round++)
        {
            string[] names = [$"x{round}", $"y{round}", $"z{round}"];
            RunningCli[] copies = [.. names.Select(name => Cli.Start(Arguments(name, "max-bundles = 3")))];
            foreach (RunningCli copy in copies)
                Ended.With(0, copy.Wait());
            Assert.Equal(names, place.LeftInDestination.Order());
            foreach (string name in names)
                Ended.With(0, Cli.Run("verify", Path.Combine(place.Destination, name)));
        }
    }

    private CliResult CopyAs(string name, string? retention = null, params string[] options) =>
        Cli.Run(Arguments(name, retention, options));

    private string[] Arguments(string name, string? retention, params string[] options)
    {
        string text = File.ReadAllText(place.Manifest(place.Source("a")))
            .Replace("\"bundle\":\"b\"", $"\"bundle\":\"{name}\"", StringComparison.Ordinal);
        string[] settings = retention is null
            ? [] : ["--config", place.Config($"bundle-copier.destination.retention {{ {retention} }}")];
        return ["--manifest", place.ManifestText(text), .. settings, .. options];
    }
}
