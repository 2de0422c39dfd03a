using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The core of a real process, as a debugger writes it into shared memory.</summary>
public sealed class CoreDumpTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Gcore)]
    public void The_core_of_a_NET_process_is_copied_whole()
    {
        string core = Dump();
        Ended.Committed(0, place, Cli.Run("--manifest", place.Manifest(core)))[Path.GetFileName(core)].IsWhole();
        string output = place.Output(Path.GetFileName(core));
        Same.Bytes(core, output);
        Assert.True(Kernel.StatusOf(output).SizeBytes > 10 << 20, "That is no core of a whole process.");
        Assert.InRange(Kernel.StatusOf(output).AllocatedBytes, 1, Kernel.StatusOf(core).AllocatedBytes + (1 << 20));
    }

    // The program itself, which waits for a manifest on standard input.
    private string Dump()
    {
        ProcessStartInfo start =
            new(Cli.Program[0], [.. Cli.Program.Skip(1), "--manifest", "-"]) { RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        try
        {
            Assert.True(
                SpinWait.SpinUntil(
                () => WaitsForInput(process.Id), TimeSpan.FromSeconds(60)), "It does not wait for its input.");
            Tool.Run("gcore", "-o", place.Source("core"), process.Id.ToString());
            return place.Source($"core.{process.Id}");
        }
        finally
        {
            process.Kill();
            Child.AwaitEnd(process);
        }
    }

    // proc_pid_syscall(5): a thread is in read(2), number 0 on x64 and 63 on arm64, on standard input.
    private static bool WaitsForInput(int pid)
    {
        try
        {
            string input = LinkOf(pid, "0");
            return Directory.EnumerateDirectories($"/proc/{pid}/task").Any(t => ReadsFrom(t, pid, input));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool ReadsFrom(string thread, int pid, string input)
    {
        string[] call = File.ReadAllText(Path.Combine(thread, "syscall")).Split(' ');
        return call.Length > 1 && (call[0] is "0" or "63")
            && LinkOf(pid, Convert.ToInt32(call[1], 16).ToString()) == input;
    }

    private static string LinkOf(int pid, string descriptor) =>
        new FileInfo($"/proc/{pid}/fd/{descriptor}").LinkTarget ?? "";
}
