using System.Diagnostics;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Another user of the machine (uid 65534), who is hostile.</summary>
internal sealed class Attacker : IDisposable
{
    private static readonly Lazy<string> Swapper = new(static () => FuseServer.Compile("swapper"));

    private readonly Process process;

    private Attacker(params string[] command)
    {
        string[] all = [.. Cli.AsNobody, .. command];
        process = Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(Child.Patience) || line.Result != "ready")
            throw new IOException($"{string.Join(' ', all)} does not begin.");
    }

    /// <summary>Runs a script of a shell to its end.</summary>
    public static void Run(string script) => Tool.Run(Cli.AsNobody[0], [.. Cli.AsNobody[1..], "sh", "-euc", script]);

    /// <summary>Exchanges a name with others, again and again, until this is disposed.</summary>
    public static Attacker Swaps(string directory, string name, params string[] others) =>
        new([Swapper.Value, directory, name, .. others]);

    /// <summary>Holds a lock on files (flock(2)) until this is disposed.</summary>
    public static Attacker Locks(params string[] files)
    {
        string inner = "echo ready; cat >/dev/null";
        string[] command = ["sh", "-c", inner];
        foreach (string file in files)
            command = ["flock", "--exclusive", file, .. command];
        return new Attacker(command);
    }

    public void Dispose()
    {
        using (process)
        {
            process.StandardInput.Close();
            Child.AwaitEnd(process);
        }
    }
}
