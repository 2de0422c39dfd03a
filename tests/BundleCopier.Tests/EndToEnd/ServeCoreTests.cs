using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Processes that really crash, and whose cores the kernel sends to the server's socket.</summary>
[Collection(nameof(CorePattern))]
public sealed class ServeCoreTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.CoreSocket)]
    public void A_core_from_the_kernel_becomes_a_bundle_that_a_debugger_opens()
    {
        string program = Compile();
        using RunningServer server = new RunningServer(place).Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        using Process crash = Process.Start(program, ["16", "3"]);
        server.AwaitWords($"crasher[{crash.Id}]: complete");
        string bundle = Path.Combine(place.Destination, Assert.Single(place.LeftInDestination));
        Assert.StartsWith($"crasher-{crash.Id}-", Path.GetFileName(bundle), StringComparison.Ordinal);
        using JsonDocument receipt = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(bundle, "receipt.json")));
        JsonElement core = receipt.RootElement.GetProperty("files")[0].GetProperty("core");
        Assert.Equal(
            (true, 11, crash.Id, program),
            (core.GetProperty("whole").GetBoolean(), core.GetProperty("signal").GetInt32(),
                core.GetProperty("pid").GetInt32(), core.GetProperty("executable").GetString()));
        Assert.True(crash.WaitForExit(Child.Patience));
        string told = Tool.Run(
            "gdb", "-batch", "-nx", "-ex", "print answer", program, Path.Combine(bundle, "files", "core"));
        Assert.Contains("$1 = 4711", told, StringComparison.Ordinal);
    }

    [KernelFact(Needs.CoreSocket | Needs.Journald | Needs.Gcore)]
    public void The_journal_has_each_crash_and_coredumpctl_starts_the_debugger()
    {
        string program = Compile();
        using Journald journal = Journald.Start();
        using RunningServer server = new(place, "serve.crash-loop.max-crashes = 1");
        server.Start(journal.Before);
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        using Process saved = Process.Start(program, ["16", "it's"]);
        server.AwaitWords($"crasher[{saved.Id}]: complete");
        using Process refused = Process.Start(program, ["1", "0"]);
        journal.AwaitCrashes(2);
        string told = journal.Coredumpctl(
            "debug", "--debugger=gdb", "--debugger-arguments=-batch -nx -ex 'print answer'", $"{saved.Id}");
        Assert.Contains("$1 = 4711", told, StringComparison.Ordinal);
        Assert.Contains("Signal: 11 (SEGV)", told, StringComparison.Ordinal);
        Assert.Contains($"Executable: {program}", told, StringComparison.Ordinal);
        Assert.Contains($@"Command Line: {program} 16 'it'\''s'", told, StringComparison.Ordinal);
        told = journal.Coredumpctl("info", $"{refused.Id}");
        Assert.Contains("Storage: none", told, StringComparison.Ordinal);
        Assert.Contains("not saved: the same program had 1 crashes", told, StringComparison.Ordinal);
    }

    [KernelFact(Needs.CoreSocket)]
    public void Of_a_crash_loop_the_first_crashes_are_kept_and_no_process_waits()
    {
        string program = Compile();
        using RunningServer server = new RunningServer(place, "serve.crash-loop.max-crashes = 2").Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        Process[] crashes = [.. Enumerable.Range(0, 6).Select(_ => Process.Start(program, ["1", "0"]))];
        foreach (Process crash in crashes)
        {
            Assert.True(crash.WaitForExit(Child.Patience), "The process waits for its dump.");
            crash.Dispose();
        }

        server.Program.Await(() => place.LeftInDestination.Count(static n => n[0] != '.') == 2, "two bundles");
        Assert.Equal(4, server.Status().GetProperty("refusedFor").GetProperty("crashLoop").GetInt32());
    }

    [KernelFact(Needs.CoreSocket)]
    public void Twenty_crashes_at_once_are_all_saved()
    {
        const int Count = 20;
        string program = Compile();
        using RunningServer server = new RunningServer(place, "serve.crash-loop.max-crashes = 100").Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        Process[] crashes = [.. Enumerable.Range(0, Count).Select(_ => Process.Start(program, ["1", "0"]))];
        server.Program.Await(
            () => place.LeftInDestination.Count(static n => n[0] != '.') == Count, $"{Count} bundles");
        foreach (Process crash in crashes)
        {
            Assert.Contains(
                place.LeftInDestination, n => n.StartsWith($"crasher-{crash.Id}-", StringComparison.Ordinal));
            crash.Dispose();
        }
    }

    [KernelFact(Needs.CoreSocket)]
    public void A_process_that_only_claims_to_be_dumped_is_refused()
    {
        using RunningServer server = new RunningServer(place).Start();
        using Socket liar = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        liar.Connect(new UnixDomainSocketEndPoint(server.CoreSocket));
        server.AwaitWords($"process {Environment.ProcessId} is not being dumped");
        Assert.Equal(0, liar.Receive(new byte[1]));
        Assert.Empty(place.LeftInDestination);
    }

    [KernelFact(Needs.CoreSocket)]
    public void A_server_that_ends_lets_the_processes_go()
    {
        string program = Compile();
        using RunningServer server = new RunningServer(
            place, "serve.stop-timeout = 1s, writer.max-rate = 4MiB, budget = 2MiB, deadline = off").Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        using Process first = Process.Start(program, ["64", "0"]);
        server.Program.Await(() => place.LeftInDestination.Length == 1, "the first is copied");
        using Process second = Process.Start(program, ["1", "1"]);
        server.Program.Await(() => server.Status().GetProperty("waiting").GetInt32() == 1, "the second waits");
        Ended.With(0, server.Stop());
        Assert.True(first.WaitForExit(Child.Patience) && second.WaitForExit(Child.Patience));
        Assert.False(File.Exists(server.CoreSocket));
    }

    [KernelFact(Needs.CoreSocket)]
    public void A_server_that_is_killed_lets_the_processes_go_and_the_next_one_says_what_is_left()
    {
        string program = Compile();
        const string slow = "writer.max-rate = 4MiB, budget = 2MiB, deadline = off";
        using RunningServer server = new RunningServer(place, slow).Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        using Process crash = Process.Start(program, ["64", "0"]);
        server.Program.Await(() => place.LeftInDestination.Length == 1, "the core is copied");
        server.Program.Signal(Kernel.SigKill);
        Assert.True(crash.WaitForExit(Child.Patience), "The process waits for a server that is gone.");
        _ = server.Program.Wait();
        string left = Assert.Single(place.LeftInDestination);
        Assert.EndsWith(".partial", left, StringComparison.Ordinal);
        server.Start();
        server.AwaitWords($"{left}: a copy did not end");
        Ended.With(0, server.Stop());
    }

    [KernelFact(Needs.CoreSocket)]
    public void Install_sets_core_pattern_and_uninstall_puts_it_back()
    {
        const string Before = "core.%p";
        RunningServer server = new(place);
        using CorePattern pattern = new(Before);
        CliResult installed = Cli.Run("serve", "--config", server.ConfigPath, "--install");
        Ended.With(0, installed);
        Ended.Says(installed, "no server runs");
        Assert.Equal($"@@{server.CoreSocket}\n", File.ReadAllText(CorePattern.FilePath));
        Ended.With(0, Cli.Run("serve", "--config", server.ConfigPath, "--install"));
        Ended.With(0, Cli.Run("serve", "--config", server.ConfigPath, "--uninstall"));
        Assert.Equal(Before + "\n", File.ReadAllText(CorePattern.FilePath));
    }

    private string Compile()
    {
        string program = Path.Combine(place.Disk, "crasher");
        string source = Path.Combine(Repository.Folder, "tests/BundleCopier.Tests/EndToEnd/c/crasher.c");
        Tool.Run("cc", "-g", "-O1", "-pthread", "-o", program, source);
        return program;
    }
}
