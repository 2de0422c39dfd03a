using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A filesystem that stops answering when a test says so: the FUSE server c/hanging_fs.c.</summary>
internal sealed class HangingFilesystem : IDisposable
{
    private static readonly Lazy<string> Program = new(static () => FuseServer.Compile("hanging_fs"));

    private readonly FuseServer server;

    /// <summary>Mounts it below a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="user">The user who mounts it, for the kernel.</param>
    /// <param name="behind">What it shows; null for a new directory.</param>
    public HangingFilesystem(string directory, uint user = 0, string? behind = null)
    {
        Behind = behind ?? Workspace.MakePrivate(Path.Combine(directory, "behind"));
        Point = Workspace.MakePrivate(Path.Combine(directory, "hanging"));
        server = new FuseServer(Program.Value, Behind, Point, user.ToString(CultureInfo.InvariantCulture));
        FuseServer.Expect("ready", server.Answer());
    }

    /// <summary>Where it is mounted.</summary>
    public string Point { get; }

    /// <summary>The directory that it shows; it never hangs.</summary>
    public string Behind { get; }

    /// <summary>The requests that it has kept so far.</summary>
    public int Held => int.Parse(server.Ask("held")["held ".Length..], CultureInfo.InvariantCulture);

    /// <summary>Keeps the requests of a kind for files of a name; * for all.</summary>
    public void Hang(string operation, string name) => server.Ask($"hang {operation} {name}");

    /// <summary>The directory has names without an end.</summary>
    public void MakeEndless(string directory) => server.Ask($"endless {directory}");

    /// <summary>Answers all requests that it has kept.</summary>
    public void Thaw() => server.Ask("thaw");

    /// <summary>Ends the server; requests that it has kept end with an error.</summary>
    public void Dispose() => server.Dispose();
}
