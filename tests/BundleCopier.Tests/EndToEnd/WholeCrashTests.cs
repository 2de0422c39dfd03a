using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>All memory of a process that crashes, also where the machine has little left.</summary>
[Collection(nameof(CorePattern))]
public sealed class WholeCrashTests : IDisposable
{
    private const int Kinds = 7;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.CoreSocket | Needs.Gcore)]
    public void One_bundle_has_every_kind_of_memory_byte_for_byte() => Crash(MemoryOwner.Bytes);

    [KernelFact(Needs.CoreSocket | Needs.Gcore | Needs.LargeSource)]
    [Trait("Category", "Large")]
    [Trait("Speed", "slow")]
    public void One_bundle_has_300_MiB_of_every_kind_of_memory_byte_for_byte() => Crash(300 << 20);

    [KernelFact(Needs.CoreSocket | Needs.PidsGroup | Needs.MemoryGroup)]
    public void A_crash_is_saved_where_no_process_can_be_started_and_little_memory_is_free()
    {
        const int Threads = 8;
        const long LimitBytes = 150 << 20;
        using MemoryGroup memory = new(LimitBytes);
        using PidsGroup full = new(Threads + 1);
        using RunningServer server = new RunningServer(place).Start(memory.Inside);
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        string[] command = [.. full.Inside, FuseServer.Compile("crasher"), "400", $"{Threads}"];
        using Process crash = Process.Start(command[0], command[1..]);
        server.AwaitWords($"crasher[{crash.Id}]: complete");
        Assert.Equal(0, memory.OomKills);
        Ended.With(0, Cli.Run("verify", Bundle));
    }

    private string Bundle => Path.Combine(place.Destination, Assert.Single(place.LeftInDestination));

    private void Crash(int bytes)
    {
        using RunningServer server = new RunningServer(place).Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        using MemoryOwner owner = MemoryOwner.Start("all", bytes: bytes);
        Kernel.Signal(owner.Pid, Kernel.SigSegv);
        server.AwaitWords($"memory_owner[{owner.Pid}]: complete");
        Ended.With(0, Cli.Run("verify", Bundle));
        List<ulong> missing = [.. Enumerable.Range(1, Kinds).Select(static k => (ulong)k)];
        foreach (CoreMemory memory in CoreMemory.Of(Bundle, bytes))
        {
            missing.RemoveAll(kind =>
                memory.Bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes(MemoryOwner.Words(kind, bytes).AsSpan())) >= 0);
        }

        Assert.Empty(missing);
        string told = Tool.Run(
            "gdb", "-batch", "-nx", "-ex", "print *(int *)&answer",
            FuseServer.Compile("memory_owner"), Path.Combine(Bundle, "files", "core"));
        Assert.Contains("$1 = 4711", told, StringComparison.Ordinal);
    }
}
