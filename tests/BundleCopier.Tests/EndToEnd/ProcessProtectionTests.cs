using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Other processes of the same user cannot look into the program, and it leaves no core dump.</summary>
public sealed class ProcessProtectionTests : IDisposable
{
    // The runtime has a handler of its own for SIGSEGV, and goes on after one that came from another process.
    private const int SigAbrt = 6;
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Nobody)]
    public void A_process_of_the_same_user_cannot_read_the_programs_memory_and_the_copy_works_all_the_same()
    {
        using RunningCli other = Cli.Start(["60"], before: Cli.AsNobody, program: "sleep");
        using RunningCli cli = BeginAsNobody();
        Ended.With(0, ReadMemoryOf(other));
        CliResult refused = ReadMemoryOf(cli);
        Ended.With(1, refused);
        Assert.Contains("Permission denied", refused.Errors, StringComparison.Ordinal);
        // Its files below /proc belong to root now, and it wrote this one all the same.
        Assert.Equal(500, cli.OomScoreAdj());
        cli.Thaw();
        Ended.Committed(0, place, cli.Wait())["a"].IsWhole();
        Same.Bytes(place.Source("a"), place.Output("a"));
    }

    [KernelFact(Needs.Root)]
    public void A_crash_of_the_program_leaves_no_core_dump()
    {
        string directory = Workspace.MakePrivate(Path.Combine(place.Disk, "cwd"));
        string[] unlimited = ["sh", "-c", "ulimit -c unlimited; exec \"$@\"", "sh"];
        _ = Cli.Start(["-c", "kill -ABRT $$"], before: unlimited, directory: directory, program: "sh").Wait();
        if (File.ReadAllText("/proc/sys/kernel/core_pattern").Trim() == "core")
            File.Delete(Assert.Single(Directory.GetFiles(directory, "core*")));
        using RunningCli cli = Begin(unlimited, directory);
        string limit = File.ReadLines($"/proc/{cli.Id}/limits")
            .Single(static l => l.StartsWith("Max core", StringComparison.Ordinal));
        Assert.Equal(["0", "0"], limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..6]);
        cli.Signal(SigAbrt);
        cli.Thaw();
        Assert.NotEqual(0, cli.Wait().ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(directory));
    }

    private static CliResult ReadMemoryOf(RunningCli process) =>
        Cli.Start(["-c", "0", $"/proc/{process.Id}/mem"], before: Cli.AsNobody, program: "head").Wait();

    private RunningCli BeginAsNobody()
    {
        string source = SourceFile.Dense(place.Source("a"), 24 * MiB);
        foreach (string path in new[] { place.Memory, place.Disk, place.Destination, source })
            Kernel.Own(path, Cli.NobodyId);
        return Begin(Cli.AsNobody, "/");
    }

    private RunningCli Begin(string[] before, string directory)
    {
        string source = place.Source("a");
        if (!File.Exists(source))
            SourceFile.Dense(source, 24 * MiB);
        string config = place.Config("bundle-copier.writer.max-rate = 16MiB");
        RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(source), "--config", config], before: before, directory: directory);
        string output = Path.Combine(place.PartialPath, "files", "a");
        cli.FreezeWhen(
            () => File.Exists(output) && Kernel.StatusOf(output).AllocatedBytes > 0, "something was written");
        return cli;
    }
}
