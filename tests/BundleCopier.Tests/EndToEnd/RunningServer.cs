using System.Text.Json;
using System.Text.Json.Nodes;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A crash server with its directories below those of a test. Disposing it ends it.</summary>
internal sealed class RunningServer : IDisposable
{
    private readonly Workspace place;
    private int started;

    /// <param name="place">The directories.</param>
    /// <param name="settings">More settings, below <c>bundle-copier</c>.</param>
    public RunningServer(Workspace place, string settings = "")
    {
        this.place = place;
        ConfigPath = place.Config("");
        Configure(settings);
    }

    public string ConfigPath { get; }

    public string Spool => Path.Combine(place.Disk, "spool");

    public string ControlSocket => Path.Combine(place.Disk, "control.sock");

    public string CoreSocket => Path.Combine(place.Disk, "core.sock");

    public RunningCli Program { get; private set; } = null!;

    /// <summary>Writes the configuration; a server that runs reads it at SIGHUP.</summary>
    public void Configure(string settings) => File.WriteAllText(
        ConfigPath,
        $$"""
        bundle-copier {
          serve { destination = "{{place.Destination}}", spool = "{{Spool}}", control-socket = "{{ControlSocket}}" }
          serve { core-socket = "{{CoreSocket}}", state-directory = "{{place.Disk}}/state" }
          {{settings}}
        }
        """);

    /// <summary>Starts it, and waits until it is ready.</summary>
    public RunningServer Start(params string[] before)
    {
        Program = Cli.Start(["serve", "--config", ConfigPath], before: before.Length == 0 ? null : before);
        Program.Await(() => Program.HasSaid("ready"), "the server is ready");
        return this;
    }

    /// <summary>Writes a manifest of one bundle.</summary>
    public string Manifest(string bundle, string source, int priority = 0)
    {
        JsonObject manifest = new()
        {
            ["version"] = 1,
            ["bundle"] = bundle,
            ["files"] = new JsonArray(Workspace.Entry(source, priority: priority)),
        };
        return manifest.ToJsonString();
    }

    /// <summary>Renames a file into the spool, as programs should.</summary>
    public void Drop(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string written = Path.Combine(place.Disk, $"drop{++started}");
        File.WriteAllText(written, text);
        File.SetUnixFileMode(written, mode);
        File.Move(written, Path.Combine(Spool, name));
    }

    /// <summary>Waits until it says something, such as the end of a crash.</summary>
    public void AwaitWords(string words) => Program.Await(() => Program.HasSaid(words), words);

    public JsonElement Status()
    {
        CliResult result = Cli.Run("serve", "--config", ConfigPath, "--status", "--json");
        Ended.With(0, result);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Ends it with SIGTERM.</summary>
    public CliResult Stop()
    {
        Program.Signal(Kernel.SigTerm);
        return Program.Wait();
    }

    public string[] Work => NamesIn("work");

    public string WhyFailed(string name) => File.ReadAllText(Path.Combine(Spool, "failed", name + ".error"));

    public string[] NamesIn(string folder) =>
        [.. Directory.GetFileSystemEntries(Path.Combine(Spool, folder))
            .Select(static p => Path.GetFileName(p)).Order()];

    public void Dispose() => Program?.Dispose();
}
