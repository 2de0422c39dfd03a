using System.Text.Json.Nodes;
using BundleCopier.Input;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// No text from outside reaches the terminal as it is: no escape sequence, no line break, nothing that changes the
/// direction of other text. Each field of each input and each argument is tried.
/// </summary>
public sealed class TerminalTests : IDisposable
{
    // Colours (ESC, and U+009B for it), a title, the clipboard, a bell, DEL, a line, and text that runs backwards.
    private const string Evil = "e\u001b[31m\u001b]0;t\u0007\u009b2J\u0085\u007f\r\n\u2028\u202e\u2066\u200ex";

    private static readonly string Backward = "e\u001b[31m\u009b2J\u202etxt";

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public void No_field_of_a_manifest_reaches_the_terminal_as_it_is()
    {
        const string text =
            """
            { "version": 1, "bundle": "b", "destination": "/nowhere/at/all", "labels": { "host": "node17" },
              "files": [ { "source": "/dev/shm/none", "name": "n", "priority": 1, "compression": "lz4",
                           "ranges": [ { "offset": 0, "length": 1 } ] } ] }
            """;
        foreach (string changed in EachField(text))
            IsClean(Cli.Run("--manifest", place.ManifestText(changed)));
    }

    [Fact]
    public void No_value_of_the_configuration_reaches_the_terminal_as_it_is()
    {
        string manifest = place.Manifest("/dev/shm/none");
        string quoted = JsonValue.Create(Evil)!.ToJsonString();
        IEnumerable<string> settings = SettingKeys.All.Select(key => $"bundle-copier.{key} = {quoted}");
        foreach (string text in (string[])
            [.. settings, $"bundle-copier {{ {quoted} = 1 }}", $"{quoted} = 1", $"akka.loglevel = {quoted}",
            $"akka.actor.provider = {quoted}", $"akka.actor.default-dispatcher.type = {quoted}",
            $"bundle-copier.budget = {Backward}", $"bundle-{Backward} = 1", $"include \"{Backward}\""])
        {
            IsClean(Cli.Run("--manifest", manifest, "--config", place.Config(text), "--dry-run"));
        }

        IsClean(Cli.Run("--manifest", manifest, "--config", place.Config($"akka.actor.provider = {quoted}")));
    }

    [Fact]
    public void No_argument_reaches_the_terminal_as_it_is()
    {
        string manifest = place.Manifest("/dev/shm/none");
        File.WriteAllText(place.Source("x"), "x");
        Ended.With(0, place.Copy());
        string bundle = place.BundlePath;
        string evilDirectory = Path.Combine(place.Disk, Evil);
        Directory.CreateDirectory(evilDirectory);
        Tool.Run("cp", "-r", bundle, Path.Combine(evilDirectory, "b"));
        string evilBundle = Path.Combine(evilDirectory, "b");
        foreach (string[] args in (string[][])
            [
                [Evil], [$"--{Evil}"], [$"--manifest={Evil}"], ["--manifest", Evil], ["verify", Evil], [evilDirectory],
                .. ((string[])["--config", "--destination", "--compression", "--budget", "--deadline", "--progress",
                    "--log-level", "--set", "--profile", "--max-rate"])
                    .Select(option => (string[])["--manifest", manifest, option, Evil]),
                ["--manifest", manifest, $"--{Evil}", "verify"], ["verify", evilDirectory], ["verify", evilBundle],
                ["verify", bundle, $"--{Evil}"], ["extract", Evil, Evil], ["extract", bundle, Evil + "/" + Evil],
                ["extract", evilBundle, Path.Combine(evilDirectory, "out")],
                ["extract", evilBundle, evilDirectory + "/b"],
                ["extract", bundle, Path.Combine(evilDirectory, "out2"), Evil], ["cat", bundle, Evil],
                ["cat", Evil, "x"], ["cat", evilBundle, Evil], ["cat", bundle, "x", "--offset", Evil],
                ["cat", bundle, "x", "--length", Evil], ["--manifest", manifest, "--destination", evilDirectory],
            ])
        {
            IsClean(Cli.Start(args, directory: place.Disk).Wait());
        }
    }

    [Fact]
    public void No_name_of_a_source_or_an_output_reaches_the_terminal_as_it_is()
    {
        string name = Evil;
        File.WriteAllText(place.Source(name), "x");
        Tool.Run("mkfifo", place.Source($"fifo{name}"));
        IsClean(Cli.Run("--manifest", place.Manifest(place.Source("*")), "--dry-run"));
        IsClean(Cli.Run("--manifest", place.Manifest(place.Source("*")), "--dry-run", "--json"));
        Kernel.SetXattr(place.Source(name), $"user.{Backward}", [1]);
        CliResult copied = Cli.Run(["--manifest", place.Manifest(place.Source("*")), "--log-level", "debug", "--json"]);
        Ended.With(3, copied);
        IsClean(copied);
        string receipt = File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json"));
        Assert.All(receipt.Split('\n'), static line => Assert.Equal(Printable.Of(line), line));
        File.WriteAllText(place.Output(name), "other");
        CliResult verified = place.Verify();
        Ended.With(5, verified);
        IsClean(verified);
        IsClean(Cli.Run("extract", place.BundlePath, Path.Combine(place.Disk, "out")));
        IsClean(Cli.Run("cat", place.BundlePath, $"fifo{name}"));
    }

    [Fact]
    public void No_field_of_a_receipt_reaches_the_terminal_as_it_is()
    {
        File.WriteAllText(place.Source("x"), "x");
        CliResult copied = Cli.Run(
            ["--manifest", place.Manifest(Workspace.Entry(place.Source("x")), Workspace.Entry(place.Source("gone")))]);
        Ended.With(3, copied);
        string path = Path.Combine(place.BundlePath, "receipt.json");
        string receipt = File.ReadAllText(path);
        foreach (string changed in EachField(receipt))
        {
            File.WriteAllText(path, changed);
            IsClean(place.Verify());
        }

        // What is quoted of a file that is not in the bundle.
        JsonNode absent = JsonNode.Parse(receipt)!;
        absent["files"]![1]!["name"] = Evil;
        absent["files"]![1]!["source"] = Evil;
        absent["files"]![1]!["error"]!["code"] = Evil;
        absent["files"]![1]!["error"]!["message"] = Evil;
        File.WriteAllText(path, absent.ToJsonString());
        CliResult read = Cli.Run("cat", place.BundlePath, Evil);
        Ended.With(3, read);
        IsClean(read);
        CliResult extracted = Cli.Run("extract", place.BundlePath, Path.Combine(place.Disk, "out"));
        Ended.With(3, extracted);
        IsClean(extracted);

        // A text of 200 KiB, and an attribute with a strange name.
        absent["files"]![1]!["error"]!["message"] = Evil + new string('x', 200_000) + "the end";
        absent["files"]![0]!["sourceMetadata"]!["xattrs"] = new JsonObject { [$"user.{Evil}"] = "AA==" };
        absent["labels"] = new JsonObject { [Evil] = Evil };
        absent["files"]![0]!["checksum"] = $"xxh3-segments:{Evil}";
        File.WriteAllText(path, absent.ToJsonString());
        foreach (string[] args in (string[][])
            [["verify", place.BundlePath], ["cat", place.BundlePath, Evil],
            ["extract", place.BundlePath, Path.Combine(place.Disk, "out2")], ["verify", "--json", place.BundlePath],
            ["extract", place.BundlePath, Path.Combine(place.Disk, "out3"), "--json", "--preserve"]])
        {
            CliResult long1 = Cli.Run(args);
            IsClean(long1);
            Assert.InRange(long1.Errors.Length, 1, 5000);
        }
    }

    // The text with each value, and then each key, replaced.
    private static IEnumerable<string> EachField(string json)
    {
        int count = Fields(JsonNode.Parse(json)!).Count();
        for (int i = 0; i < count; i++)
        {
            JsonNode changed = JsonNode.Parse(json)!;
            JsonNode field = Fields(changed).ElementAt(i);
            field.ReplaceWith(Evil);
            yield return changed.ToJsonString();

            changed = JsonNode.Parse(json)!;
            field = Fields(changed).ElementAt(i);
            if (field.Parent is not JsonObject parent)
                continue;
            string key = field.GetPropertyName();
            parent.Remove(key);
            parent[Evil] = field;
            yield return changed.ToJsonString();
        }
    }

    private static IEnumerable<JsonNode> Fields(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(static p => p.Value is null ? [] : Fields(p.Value).Prepend(p.Value)),
        JsonArray a => a.SelectMany(static item => item is null ? [] : Fields(item).Prepend(item)),
        _ => [],
    };

    private static void IsClean(CliResult result)
    {
        foreach (string text in (string[])[result.Errors, result.Output])
        {
            foreach (string line in text.Split('\n'))
                Assert.True(Printable.Of(line) == line, $"{Printable.Of(line)} of {Printable.Of(result.ToString())}");
        }

        Assert.DoesNotContain("report it", result.Errors, StringComparison.Ordinal);
        Assert.InRange(result.ExitCode, 0, 5);
    }
}
