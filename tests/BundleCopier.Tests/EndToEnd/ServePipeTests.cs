using System.Diagnostics;
using System.Text.Json;
using BundleCopier.Tests.Elf;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Cores that bundlecopy core gives to the server, as with a core_pattern that begins with |.</summary>
[Collection(nameof(CorePattern))]
public sealed class ServePipeTests : IDisposable
{
    private static readonly string[] Crash =
        ["2147483647", "65534", "65534", "11", "1795378445", "node17", "my engine"];

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void The_server_takes_the_core_and_counts_the_crashes_of_a_loop()
    {
        byte[] core = new CoreFile { DataBytes = 3 << 20 }.ToArray();
        using RunningServer server = new RunningServer(place, "serve.crash-loop.max-crashes = 1").Start();
        string[] command = ["core", "--config", server.ConfigPath, .. Crash];
        Ended.With(0, Cli.RunWithInput(core, command));
        server.AwaitWords("my engine[2147483647]: complete");
        string bundle = Path.Combine(place.Destination, Assert.Single(place.LeftInDestination));
        Assert.Equal(core, File.ReadAllBytes(Path.Combine(bundle, "files", "core")));
        JsonElement facts = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(bundle, "receipt.json")))
            .RootElement.GetProperty("files")[0].GetProperty("core");
        Assert.Equal(11, facts.GetProperty("signal").GetInt32());
        CliResult second = Cli.RunWithInput(core, command);
        Ended.With(4, second);
        Ended.Says(second, "the server refuses the core: the same program had 1 crashes");
        Ended.With(0, server.Stop());
        Ended.With(0, Cli.RunWithInput(core, [.. command[..^2], "node18", "another"]));
        Assert.Equal(2, place.LeftInDestination.Length);
    }

    [KernelFact(Needs.CorePattern)]
    public void A_process_that_crashes_waits_for_the_server_and_not_for_the_program_of_the_pipe()
    {
        string program = Path.Combine(place.Disk, "crasher");
        string source = Path.Combine(Repository.Folder, "tests/BundleCopier.Tests/EndToEnd/c/crasher.c");
        Tool.Run("cc", "-g", "-O1", "-pthread", "-o", program, source);
        using RunningServer server = new RunningServer(place).Start();
        // With all of it, the pattern would be too long.
        string helper = Path.Combine(place.Disk, "core.sh");
        File.WriteAllText(
            helper,
            $"#!/bin/sh\n{Cli.Native} core --config {server.ConfigPath} \"$@\"\necho $? >{place.Disk}/code\n");
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using CorePattern pattern = new($"|{helper} %P %u %g %s %t %h %e");
        using Process crash = Process.Start(program, ["16", "2"]);
        server.AwaitWords($"crasher[{crash.Id}]: complete");
        Assert.Equal("0\n", File.ReadAllText(Path.Combine(place.Disk, "code")));
        Assert.True(crash.WaitForExit(Child.Patience));
    }
}
