using System.Diagnostics;
using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A filesystem that stops answering when a test says so: the FUSE server c/hanging_fs.c.</summary>
internal sealed class HangingFilesystem : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<string> Program = new(Compile);

    private readonly Process server;

    /// <summary>Mounts it below a directory.</summary>
    public HangingFilesystem(string directory)
    {
        Behind = Workspace.MakePrivate(Path.Combine(directory, "behind"));
        Point = Workspace.MakePrivate(Path.Combine(directory, "hanging"));
        server = Process.Start(new ProcessStartInfo(Program.Value, [Behind, Point])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (Answer() != "ready")
            throw new IOException("The hanging filesystem could not be mounted.");
    }

    /// <summary>Where it is mounted.</summary>
    public string Point { get; }

    /// <summary>The directory that it shows; it never hangs.</summary>
    public string Behind { get; }

    /// <summary>The requests that it has kept so far.</summary>
    public int Held => int.Parse(Ask("held")["held ".Length..], CultureInfo.InvariantCulture);

    /// <summary>Keeps the requests of a kind for files of a name; * for all.</summary>
    public void Hang(string operation, string name) => Ask($"hang {operation} {name}");

    /// <summary>Answers all requests that it has kept.</summary>
    public void Thaw() => Ask("thaw");

    /// <summary>Ends the server; requests that it has kept end with an error.</summary>
    public void Dispose()
    {
        using (server)
        {
            server.StandardInput.Close();
            if (!server.WaitForExit(Patience))
            {
                server.Kill();
                server.WaitForExit();
            }
        }

        if (File.ReadAllText("/proc/self/mounts").Contains($" {Point} ", StringComparison.Ordinal))
            Tool.Run("umount", "--lazy", Point);
    }

    private string Ask(string command)
    {
        server.StandardInput.Write(command + "\n");
        server.StandardInput.Flush();
        return Answer();
    }

    private string Answer()
    {
        Task<string?> line = server.StandardOutput.ReadLineAsync();
        return line.Wait(Patience) && line.Result is { } answer
            ? answer
            : throw new IOException($"The filesystem at {Point} does not answer its test.");
    }

    private static string Compile()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "hanging_fs");
        string made = $"{program}.{Environment.ProcessId}";
        string source = Path.Combine(Repository.Folder, "tests", "BundleCopier.Tests", "EndToEnd", "c", "hanging_fs.c");
        Tool.Run("cc", "-O2", "-Wall", "-Wextra", "-o", made, source);
        File.Move(made, program, overwrite: true);
        return program;
    }
}
