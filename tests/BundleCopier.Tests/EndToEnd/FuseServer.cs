using System.Diagnostics;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A FUSE server of the tests, c/NAME.c, which mounts its filesystem and answers commands, a line for each.
/// </summary>
internal sealed class FuseServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string name;
    private readonly string point;
    private readonly Process process;

    /// <summary>Starts it.</summary>
    /// <param name="program">From <see cref="Compile"/>.</param>
    /// <param name="what">What it serves: a file or a directory.</param>
    /// <param name="point">Where it is mounted.</param>
    /// <param name="more">More arguments.</param>
    public FuseServer(string program, string what, string point, params string[] more)
    {
        this.point = point;
        name = Path.GetFileName(program);
        process = Process.Start(new ProcessStartInfo(program, [what, point, .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Compiles a server; gives the path of the program.</summary>
    public static string Compile(string name)
    {
        string program = Path.Combine(AppContext.BaseDirectory, name);
        string made = $"{program}.{Environment.ProcessId}";
        string source = Path.Combine(Repository.Folder, "tests", "BundleCopier.Tests", "EndToEnd", "c", $"{name}.c");
        Tool.Run("cc", "-O2", "-Wall", "-Wextra", "-o", made, source);
        File.Move(made, program, overwrite: true);
        return program;
    }

    /// <summary>Gives a command; returns the answer.</summary>
    public string Ask(string command)
    {
        process.StandardInput.Write(command + "\n");
        process.StandardInput.Flush();
        return Answer();
    }

    /// <summary>The next line of the server. Its first one says that it is ready.</summary>
    public string Answer()
    {
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (line.Wait(Patience) && line.Result is { } answer)
            return answer;
        string said = process.HasExited ? process.StandardError.ReadToEnd() : "It still runs.";
        throw new IOException($"{name} at {point} does not answer. {said}");
    }

    /// <summary>Fails where a line of the server is not the expected one.</summary>
    public static void Expect(string expected, string answer)
    {
        if (answer != expected)
            throw new IOException($"The server answers '{answer}' and not '{expected}'.");
    }

    /// <summary>Ends it, and unmounts what it has not unmounted itself.</summary>
    public void Dispose()
    {
        using (process)
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                process.WaitForExit();
            }
        }

        if (File.ReadAllText("/proc/self/mounts").Contains($" {point} ", StringComparison.Ordinal))
            Tool.Run("umount", "--lazy", point);
    }
}
