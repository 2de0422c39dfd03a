using System.Diagnostics;
using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A real PostgreSQL with its data in the directory of a test, and clients that write to it. Disposing it ends it and
/// removes its shared memory.
/// </summary>
internal sealed class Postgres : IDisposable
{
    public const int BufferBytes = 16 << 20;
    public const string Marker = "a row that the shared buffers have";

    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string User = "nobody";

    private readonly List<Process> started = [];
    private readonly string data;
    private IReadOnlyList<string> names = [];

    private Postgres(string data) => this.data = data;

    /// <summary>Its processes, the first one first.</summary>
    public IReadOnlyList<int> Pids { get; private set; } = [];

    /// <summary>The id of its System V segment.</summary>
    public int Segment { get; private set; } = -1;

    public static string? Lack() => File.Exists($"{Programs}/postgres") ? null
        : $"{Programs}/postgres is not installed: THE MEMORY OF POSTGRESQL IS NOT TESTED";

    /// <summary>Starts it, and clients that go on writing.</summary>
    /// <param name="place">The directories of the test.</param>
    /// <param name="memory">shared_memory_type.</param>
    public static Postgres Start(Workspace place, string memory)
    {
        string data = Path.Combine(place.Disk, "postgres");
        Directory.CreateDirectory(data);
        Tool.Run("chown", User, data);
        File.SetUnixFileMode(
            place.Disk, File.GetUnixFileMode(place.Disk) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Postgres server = new(data);
        string[] init = [.. Cli.AsNobody, $"{Programs}/initdb", "-D", data, "-N", "-A", "trust", "-U", "t"];
        Tool.Run(init[0], init[1..]);
        server.Begin(
            "postgres", "-D", data, "-k", data, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "autovacuum=off",
            "-c", $"shared_buffers={BufferBytes >> 10}kB", "-c", $"shared_memory_type={memory}");
        server.AwaitReady();
        server.Sql($"create table t as select i, '{Marker} ' || i as words from generate_series(1, 20000) i");
        server.Client("pgbench", "-i", "-q");
        server.Begin([.. server.Command("pgbench", "-c", "3", "-T", "600")]);
        server.AwaitLoad();
        return server;
    }

    /// <summary>Stops all its processes, so that none sees another one crash; a signal waits for each.</summary>
    public void Kill(int signal)
    {
        int first = started[0].Id;
        Kernel.Signal(first, Kernel.SigStop);
        string told = Tool.Run("pgrep", "--parent", $"{first}", "--runstates", "DRS");
        int[] children = [.. told.Split('\n').Select(int.Parse)];
        Pids = [first, .. children];
        foreach (int pid in children)
            Kernel.Signal(pid, Kernel.SigStop);
        // Not every process has all of them mapped.
        names = [.. Pids.SelectMany(static pid => File.ReadLines($"/proc/{pid}/maps"))
            .Select(static l => l[(l.LastIndexOf(' ') + 1)..])
            .Where(static n => n.StartsWith("/dev/shm/PostgreSQL.", StringComparison.Ordinal)).Distinct()];
        foreach (int pid in Pids)
            Kernel.Signal(pid, signal);
        foreach (int pid in Pids)
            Kernel.Signal(pid, Kernel.SigCont);
    }

    public void Dispose()
    {
        foreach (Process process in started)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit(Child.Patience);
            process.Dispose();
        }

        foreach (string name in names)
            File.Delete(name);
        if (Segment >= 0)
            _ = Tool.Run("ipcrm", "-m", $"{Segment}");
    }

    private void AwaitReady()
    {
        string lockFile = Path.Combine(data, "postmaster.pid");
        bool isReady = SpinWait.SpinUntil(
            () => started[0].HasExited || (File.Exists(lockFile) && File.ReadAllLines(lockFile) is [.., var state]
                && state.StartsWith("ready", StringComparison.Ordinal)),
            Child.Patience);
        if (!isReady || started[0].HasExited)
            throw new IOException("PostgreSQL does not start.");
        // Its seventh line is the key and the id of the segment.
        string[] words = File.ReadAllLines(lockFile)[6].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Segment = words.Length == 2 ? int.Parse(words[1], CultureInfo.InvariantCulture) : -1;
    }

    // Some transactions are through.
    private void AwaitLoad() => SpinWait.SpinUntil(
        () => int.Parse(Sql("select count(*) from pgbench_history"), CultureInfo.InvariantCulture) > 50,
        Child.Patience);

    private string Sql(string command) => Client("psql", "-Atqc", command);

    private string Client(string program, params string[] args)
    {
        string[] command = [.. Cli.AsNobody, .. Command(program, args)];
        return Tool.Run(command[0], command[1..]);
    }

    private string[] Command(string program, params string[] args) =>
        [$"{Programs}/{program}", "-h", data, "-U", "t", .. args, "postgres"];

    private void Begin(params string[] command)
    {
        string program = command[0].StartsWith('/') ? command[0] : $"{Programs}/{command[0]}";
        string[] all = [.. Cli.AsNobody, program, .. command[1..]];
        started.Add(Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = data,
        })!);
    }
}
