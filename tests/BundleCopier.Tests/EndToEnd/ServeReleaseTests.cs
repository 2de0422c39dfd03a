using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A crashed process is let go when its core is read; its shared memory is copied afterwards.</summary>
[Collection(nameof(CorePattern))]
public sealed class ServeReleaseTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.CorePattern | Needs.Compiler)]
    [InlineData("memory", false)]
    [InlineData("kernel", true)]
    public void All_memory_of_a_crash_is_in_one_bundle(string reader, bool isPipe)
    {
        const long MiB = 1 << 20;
        using RunningServer server = new RunningServer(place, $"reader.core = {reader}").Start();
        string helper = Path.Combine(place.Disk, "core.sh");
        File.WriteAllText(helper, $"#!/bin/sh\nexec {Cli.Native} core --config {server.ConfigPath} \"$@\"\n");
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        bool byPipe = isPipe || Environment.OSVersion.Version < new Version(6, 17);
        using CorePattern pattern = new(byPipe ? $"|{helper} %P %u %g %s %t %h %e" : $"@@{server.CoreSocket}");
        using MemoryOwner owner = MemoryOwner.Start("all");
        Kernel.Signal(owner.Pid, 11);
        server.AwaitWords($"memory_owner[{owner.Pid}]: complete");
        string bundle = Path.Combine(place.Destination, Assert.Single(place.LeftInDestination));
        Ended.With(0, Cli.Run("verify", bundle));
        using JsonDocument receipt = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(bundle, "receipt.json")));
        Assert.True(receipt.RootElement.GetProperty("releaseMs").GetInt64() > 0);
        ReceiptView view = new(receipt.RootElement);
        Assert.True(view["core"].Json.GetProperty("core").GetProperty("whole").GetBoolean());
        // Half of each kind is data, 4 MiB. The private memory is always in the core; the kernel's own core also has
        // the four shared kinds that have no name.
        bool isSmall = view["core"].DataBytes < 8 * MiB;
        Assert.Equal(reader == "memory", isSmall);
        Assert.Equal(7, view.Files.Count);
        MemoryOwner.IsWhole(
            Path.Combine(bundle, "files", $"{owner.Pid}", $"{owner.Name}-gone"), 2);
        MemoryOwner.IsWhole(
            Path.Combine(bundle, "files", $"{owner.Pid}", $"sysv-00000000-{owner.RemovedSegment}"), 5);
        string[] facts = [.. receipt.RootElement.GetProperty("facts").EnumerateArray()
            .Where(static f => !f.TryGetProperty("error", out _))
            .Select(static f => f.GetProperty("name").GetString()!)];
        Assert.Contains($"facts/{owner.Pid}/maps", facts);
        Assert.Contains("facts/machine/meminfo", facts);
        string told = Tool.Run(
            "gdb", "-batch", "-nx", "-ex", "print (unsigned long)bytes",
            MemoryOwner.ProgramPath, Path.Combine(bundle, "files", "core"));
        Assert.Contains($"$1 = {MemoryOwner.Bytes}", told, StringComparison.Ordinal);
    }

    [KernelFact(Needs.CorePattern | Needs.Compiler)]
    public void The_process_is_gone_while_its_shared_memory_is_still_copied()
    {
        using RunningServer server = new RunningServer(
            place, "budget = 2MiB, writer.max-rate = 8MiB, zero-detection = off").Start();
        string helper = Path.Combine(place.Disk, "core.sh");
        File.WriteAllText(helper, $"#!/bin/sh\nexec {Cli.Native} core --config {server.ConfigPath} \"$@\"\n");
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using CorePattern pattern = new($"|{helper} %P %u %g %s %t %h %e");
        using MemoryOwner owner = MemoryOwner.Start("all");
        Kernel.Signal(owner.Pid, 11);
        owner.AwaitEnd();
        Assert.Equal("copying", server.Status().GetProperty("state").GetString());
        server.AwaitWords($"memory_owner[{owner.Pid}]: complete");
    }
}
