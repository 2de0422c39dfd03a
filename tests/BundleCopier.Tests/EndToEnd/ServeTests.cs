using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The crash server: spool, status, signals.</summary>
public sealed class ServeTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Manifests_that_wait_at_the_start_and_those_that_come_later_become_bundles()
    {
        SourceFile.Dense(place.Source("a"), 3 * MiB);
        using RunningServer server = new(place);
        Workspace.MakePrivate(server.Spool);
        server.Drop("b.json", server.Manifest("b", place.Source("a")));
        server.Start();
        server.Drop("c.json", server.Manifest("c", place.Source("a")));
        server.AwaitWords("c.json: complete");
        Ended.With(0, server.Stop());
        Assert.Equal(["b", "c"], place.LeftInDestination.Order());
        Ended.With(0, place.Verify());
        Assert.Empty(server.Work);
        Assert.Empty(server.NamesIn("failed"));
        Assert.False(File.Exists(server.ControlSocket));
    }

    [KernelFact(Needs.Root)]
    public void A_manifest_that_is_wrong_or_not_to_be_trusted_is_kept_with_the_reason()
    {
        using RunningServer server = new RunningServer(place).Start();
        string good = server.Manifest("b", place.Source("a"));
        server.Drop("bad.json", "{");
        server.Drop("open.json", good, UnixFileMode.UserRead | UnixFileMode.GroupWrite);
        File.CreateSymbolicLink(Path.Combine(server.Spool, "link.json"), "/etc/passwd");
        string foreign = Path.Combine(place.Disk, "foreign");
        File.WriteAllText(foreign, good);
        Tool.Run("chown", $"{Cli.NobodyId}", foreign);
        File.Move(foreign, Path.Combine(server.Spool, "foreign.json"));
        server.AwaitWords("foreign.json: refused");

        Assert.Contains("not valid JSON", server.WhyFailed("bad.json"), StringComparison.Ordinal);
        Assert.Contains("chmod go-w", server.WhyFailed("open.json"), StringComparison.Ordinal);
        Assert.Contains("symbolic link", server.WhyFailed("link.json"), StringComparison.Ordinal);
        Assert.Contains($"user {Cli.NobodyId}", server.WhyFailed("foreign.json"), StringComparison.Ordinal);
        Assert.Empty(server.Work);
        Assert.Empty(place.LeftInDestination);
        Assert.Equal(4, server.Status().GetProperty("refusedFor").GetProperty("invalid").GetInt32());
    }

    [KernelFact]
    public void A_copy_that_fails_keeps_its_manifest_and_the_reason()
    {
        SourceFile.Dense(place.Source("a"), MiB);
        Workspace.MakePrivate(place.BundlePath);
        using RunningServer server = new RunningServer(place).Start();
        server.Drop("b.json", server.Manifest("b", place.Source("a")));
        server.AwaitWords("b.json: failed");
        Assert.Equal(["b.json", "b.json.error"], server.NamesIn("failed"));
        Assert.Contains("exists", server.WhyFailed("b.json"), StringComparison.Ordinal);

        Directory.Delete(place.BundlePath);
        File.Delete(Path.Combine(server.Spool, "failed", "b.json"));
        string two = server.Manifest("b", place.Source("a"))
            .Replace("\"files\":[", $"\"files\":[{Workspace.Entry(place.Source("gone")).ToJsonString()},");
        server.Drop("b.json", two);
        server.AwaitWords($"b.json: partial: {place.BundlePath}: 1 MiB saved; 1 file of unknown size missing");
        Assert.Empty(server.NamesIn("failed"));
    }

    [KernelFact]
    public void Status_tells_what_runs_what_waits_and_what_is_over()
    {
        SourceFile.Dense(place.Source("a"), 32 * MiB);
        SourceFile.Dense(place.Source("small"), 4096);
        using RunningServer server = new RunningServer(place, "writer.max-rate = 1MiB").Start();
        server.Drop("small.json", server.Manifest("small", place.Source("small")));
        server.AwaitWords("small.json: complete");
        server.Drop("b.json", server.Manifest("b", place.Source("a")));
        server.Program.Await(() => Directory.Exists(place.PartialPath), "the copy runs");
        server.Drop("low.json", server.Manifest("c", place.Source("a"), priority: -3));
        server.Program.Await(() => server.Work.Length == 2, "the second is taken");
        JsonElement status = server.Status();
        Assert.Equal("copying", status.GetProperty("state").GetString());
        Assert.Equal(32 * MiB, status.GetProperty("budgetBytes").GetInt64());
        Assert.Equal("b.json", status.GetProperty("running").GetProperty("name").GetString());
        Assert.Equal(-3, status.GetProperty("queue")[0].GetProperty("priority").GetInt32());
        Assert.Equal("complete", status.GetProperty("last")[0].GetProperty("end").GetString());
        CliResult text = Cli.Run("serve", "--config", server.ConfigPath, "--status");
        Assert.Contains("running      b.json", text.Output, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Nobody)]
    public void Status_is_for_root_and_the_servers_user_only()
    {
        using RunningServer server = new RunningServer(place).Start();
        File.SetUnixFileMode(place.Disk, (UnixFileMode)0x1ED); // 0755
        File.SetUnixFileMode(server.ControlSocket, (UnixFileMode)0x1B6); // 0666
        File.SetUnixFileMode(server.ConfigPath, (UnixFileMode)0x1B6);
        CliResult result = Cli.RunAsNobody("serve", "--config", server.ConfigPath, "--status");
        Ended.With(4, result);
        Ended.Says(result, "only root");
    }

    [KernelFact]
    public void SIGHUP_reads_the_settings_again_and_keeps_the_old_ones_where_the_file_is_wrong()
    {
        using RunningServer server = new RunningServer(place).Start();
        server.Configure("budget = 16MiB");
        server.Program.Signal(Kernel.SigHup);
        server.AwaitWords("settings are read again");
        server.Configure("budget = nonsense");
        server.Program.Signal(Kernel.SigHup);
        server.AwaitWords("the settings stay as they were");
        Directory.Move(place.Destination, place.Destination + ".away");
        server.Configure("");
        server.Program.Signal(Kernel.SigHup);
        server.AwaitWords("the settings stay as they were: The destination");
        Directory.Move(place.Destination + ".away", place.Destination);
        Assert.Equal(16 * MiB, server.Status().GetProperty("budgetBytes").GetInt64());
    }

    [KernelFact]
    public void SIGTERM_commits_what_is_complete_and_the_next_server_takes_what_waited()
    {
        SourceFile.Dense(place.Source("a"), MiB);
        SourceFile.Dense(place.Source("z"), 64 * MiB);
        using RunningServer server =
            new RunningServer(place, "writer.max-rate = 4MiB, serve.stop-timeout = 1s").Start();
        server.Drop("b.json", server.Manifest("b", place.Source("*")));
        server.Program.Await(() => Directory.Exists(place.PartialPath), "the copy runs");
        server.Drop("c.json", server.Manifest("c", place.Source("a")));
        server.Program.Await(() => server.Work.Length == 2, "the second is taken");
        CliResult stopped = server.Stop();
        Ended.With(0, stopped);
        Ended.Says(stopped, "b.json: cancelled");
        Assert.Equal("copied", ReceiptView.Read(place)["a"].Status);
        Assert.Equal(["c.json"], server.Work);
        server.Start();
        server.AwaitWords("c.json: complete");
        Ended.With(0, server.Stop());
    }

    [KernelFact]
    public void After_SIGKILL_the_next_server_goes_on_with_the_same_copy()
    {
        SourceFile.Dense(place.Source("a"), 8 * MiB);
        using RunningServer server = new RunningServer(place, "writer.max-rate = 4MiB").Start();
        server.Drop("b.json", server.Manifest("b", place.Source("a")));
        server.Program.Await(() => Directory.Exists(place.PartialPath), "the copy runs");
        server.Program.Signal(Kernel.SigKill);
        server.Program.Wait();
        Assert.Equal(["b.json"], server.Work);
        server.Start();
        server.AwaitWords("b.json: complete");
        Ended.With(0, server.Stop());
        Ended.With(0, place.Verify());
        Assert.Empty(server.Work);
    }

    [KernelFact]
    public void A_copy_may_raise_the_oom_score_and_the_idle_server_puts_it_back()
    {
        SourceFile.Dense(place.Source("a"), 4 * MiB);
        using RunningServer server = new RunningServer(
            place, "serve.oom-score-adj = 200, process.oom-score-adj = 600, writer.max-rate = 2MiB").Start();
        Assert.Equal(200, server.Program.OomScoreAdj());
        server.Drop("b.json", server.Manifest("b", place.Source("a")));
        server.Program.Await(() => server.Program.OomScoreAdj() == 600, "the copy has raised it");
        server.AwaitWords("b.json: complete");
        server.Program.Await(() => server.Program.OomScoreAdj() == 200, "it is put back");
    }

    [KernelFact(Needs.Root)]
    public void A_server_that_cannot_serve_says_why()
    {
        CliResult without = Cli.Run("serve");
        Ended.With(2, without);
        Ended.Says(without, "bundle-copier.serve.destination");
        CliResult none = Cli.Run("serve", "--config", new RunningServer(place).ConfigPath, "--status");
        Ended.With(4, none);
        Ended.Says(none, "no server listens");
        Directory.Move(place.Destination, place.Destination + ".away");
        CliResult nowhere = Cli.Run("serve", "--config", new RunningServer(place).ConfigPath);
        Ended.With(4, nowhere);
        Ended.Says(nowhere, $"{place.Destination} is not a directory that exists");
        Directory.Move(place.Destination + ".away", place.Destination);

        using RunningServer server = new RunningServer(place).Start();
        CliResult second = Cli.Run("serve", "--config", server.ConfigPath);
        Ended.With(4, second);
        Ended.Says(second, "another server listens");
        File.SetUnixFileMode(server.Spool, (UnixFileMode)0x1FF); // 0777
        CliResult open = Cli.Run("serve", "--config", server.ConfigPath);
        Ended.With(4, open);
        Ended.Says(open, "can be written by other users");
    }

    [KernelFact]
    public void The_service_manager_hears_of_each_state()
    {
        string path = Path.Combine(place.Disk, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using RunningServer server = new RunningServer(place)
            .Start("env", $"NOTIFY_SOCKET={path}", "WATCHDOG_USEC=200000");
        AwaitMessage(manager, "READY=1");
        AwaitMessage(manager, "WATCHDOG=1");
        AwaitMessage(manager, "WATCHDOG=1");
        server.Program.Signal(Kernel.SigHup);
        AwaitMessage(manager, "RELOADING=1\nMONOTONIC_USEC=");
        AwaitMessage(manager, "READY=1");
        server.Program.Signal(Kernel.SigTerm);
        AwaitMessage(manager, "STOPPING=1");
        Ended.With(0, server.Program.Wait());
    }

    [ActivateFact]
    public void A_socket_of_the_service_manager_is_used_and_stays()
    {
        using RunningServer server = new(place);
        using RunningCli program = Cli.Start(
            ["serve", "--config", server.ConfigPath],
            before: [ActivateFactAttribute.Program, "--seqpacket", "-l", server.ControlSocket]);
        program.Await(() => File.Exists(server.ControlSocket), "the socket is there");
        Assert.Equal("idle", server.Status().GetProperty("state").GetString());
        program.Signal(Kernel.SigTerm);
        Ended.With(0, program.Wait());
        Assert.True(File.Exists(server.ControlSocket));
    }

    [KernelFact(Needs.Native)]
    [Trait("Program", "native")]
    [Trait("Speed", "slow")]
    public void An_idle_server_is_small_and_takes_no_processor_time()
    {
        const long ProgramBytes = 25 * MiB; // what is promised
        SourceFile.Dense(place.Source("a"), 64 * MiB);
        using RunningServer server = new RunningServer(place).Start();
        AssertIdle(server.Program);
        server.Drop("b.json", server.Manifest("b", place.Source("a")));
        server.AwaitWords("b.json: complete");
        AssertIdle(server.Program);

        static void AssertIdle(RunningCli program)
        {
            program.Await(() => program.StatusBytes("VmRSS") <= (32 * MiB) + ProgramBytes, "the server is small");
            // The rest of the work of the start may take some milliseconds.
            program.Await(() => program.IsIdleFor(TimeSpan.FromSeconds(20)), "the server is idle");
        }
    }

    private static void AwaitMessage(Socket manager, string words)
    {
        manager.ReceiveTimeout = (int)Child.Patience.TotalMilliseconds;
        byte[] message = new byte[4096];
        while (true)
        {
            int length = manager.Receive(message);
            if (Encoding.UTF8.GetString(message, 0, length).Contains(words, StringComparison.Ordinal))
                return;
        }
    }

    /// <summary>A fact that also needs systemd-socket-activate.</summary>
    private sealed class ActivateFactAttribute : FactAttribute
    {
        public const string Program = "systemd-socket-activate";

        public ActivateFactAttribute() => Skip = Tool.Find(Program) is null
            ? $"{Program} is not installed: SOCKET ACTIVATION IS NOT TESTED"
            : Machine.Lacks(Needs.None);
    }
}
