using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A copy lowers the priority of its threads as its settings say, and never raises it.</summary>
public sealed class ThreadPriorityTests : IDisposable
{
    private const long MiB = 1 << 20;

    private const int Normal = 0; // sched(7)
    private const int RealTime = 1;
    private const int Batch = 3;
    private const int Idle = 5;
    private const int NoIo = 0; // ioprio_set(2)
    private const int BestEffortIo = 2;
    private const int IdleIo = 3;

    // A scout, a keeper, and two that read and write.
    private const int Workers = 4;

    // The supervisor and the governor, which do no I/O on files, and two threads of actors of Akka itself.
    private const int Others = 4;
    private const string ThreadName = "bundle-copier";

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("process.scheduling = keep", Normal, 0, NoIo, 0, 500)]
    [InlineData(
        "process { scheduling = batch, nice = 10, io-priority = idle, oom-score-adj = 1000 }", Batch, 10, IdleIo, 0,
        1000)]
    [InlineData(
        "process { scheduling = idle, nice = 19, io-priority = low, oom-score-adj = 600 }", Idle, 19, BestEffortIo, 7,
        600)]
    [InlineData("process { scheduling = idle, oom-score-adj = 700 }", Idle, 0, BestEffortIo, 4, 700)]
    [InlineData(
        "process { scheduling = batch, nice = 0, io-priority = idle, oom-score-adj = 1 }", Batch, 0, IdleIo, 0, 1)]
    public void The_threads_of_a_copy_are_as_configured_and_no_others(
        string settings, int policy, int nice, int ioClass, int ioLevel, int oomScore)
    {
        using RunningCli cli = Begin(settings, "nice", "-n", "0");
        AssertThreads(cli, (policy, nice), (ioClass, ioLevel), (Normal, 0), oomScore);
        Finish(cli);
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData("process { scheduling = keep, nice = 0, io-priority = keep, oom-score-adj = -1000 }")]
    [InlineData("process { nice = 5, io-priority = low, oom-score-adj = 0 }")]
    public void A_priority_that_is_lower_already_is_never_raised(string settings)
    {
        using RunningCli cli = Begin(
            settings, "choom", "-n", "1000", "--", "nice", "-n", "15", "ionice", "-c", "3", "chrt", "--idle", "0");
        AssertThreads(cli, (Idle, 15), (IdleIo, 7), (Idle, 15), 1000);
        Finish(cli);
    }

    [KernelTheory]
    [InlineData("", 1)] // balanced: one reads, one writes
    [InlineData("governor.profile = gentle", 1)]
    [InlineData("governor.profile = gentle\n process.scheduling = keep", 0)]
    public void A_profile_lowers_the_threads_that_copy_and_no_others(string settings, int lowered)
    {
        using RunningCli cli = Begin(settings, "nice", "-n", "0");
        Assert.Equal(lowered, cli.Threads().Count(t => t.Name == ThreadName && t.Policy == Idle));
        Assert.All(cli.Threads().Where(t => t.Policy != Idle), t => Assert.Equal(Normal, t.Policy));
        Finish(cli);
        // Whether they starve, too, depends on the other load of the machine.
        Assert.Equal(settings.Length == 0 ? MiB * 7 / 4 : MiB / 2, Governed("mostWindowBytes"));
    }

    [KernelTheory(Needs.Root)]
    [InlineData(0)]
    [InlineData(1)]
    public void A_copy_that_gets_no_processor_does_not_wait_for_the_end_of_other_processes(int more)
    {
        SourceFile.Dense(place.Source("a"), 256 * MiB);
        string manifest = place.Manifest(place.Source("a"));
        List<Process> spinning = [];
        try
        {
            for (int i = 0; i < Environment.ProcessorCount + more; i++)
                // They end when this process ends.
                spinning.Add(Process.Start("sh", ["-c", "while kill -0 $PPID; do :; done"]));
            // Behind all of them it would take a minute.
            Ended.Committed(
                0, place, Cli.Run(
                "--manifest", manifest, "--config", place.Config("bundle-copier.governor.profile = balanced")));
        }
        finally
        {
            spinning.ForEach(End);
        }

        Assert.InRange(Governed("starvations"), 1, long.MaxValue);
    }

    [KernelTheory(Needs.Root)]
    [InlineData("process { scheduling = batch, nice = 10 }", Batch, 10)]
    [InlineData("process { scheduling = keep, nice = 0, io-priority = keep, oom-score-adj = -1000 }", RealTime, -5)]
    public void The_priority_inherited_from_a_real_time_watchdog_is_lowered_unless_settings_keep_it(
        string settings, int policy, int nice)
    {
        using RunningCli cli = Begin(settings, "nice", "-n", "-5", "chrt", "--fifo", "1");
        Assert.Equal(
            policy == Batch ? Workers : 0, cli.Threads().Count(t => t.Name == ThreadName && t.Policy == Batch));
        Assert.All(Own(cli, policy, nice), t => Assert.Equal((policy, nice), (t.Policy, t.Nice)));
        Finish(cli);
    }

    [KernelFact]
    public void Threads_of_a_shared_pool_are_not_changed()
    {
        using RunningCli cli = Begin(
            "io-dispatcher { type = Dispatcher, throughput = 1 }\n process { scheduling = batch, nice = 10 }", "nice",
            "-n", "0");
        Assert.All(cli.Threads(), t => Assert.Equal((Normal, 0), (t.Policy, t.Nice)));
        Assert.Equal(500, cli.OomScoreAdj());
        Finish(cli);
    }

    [KernelFact(Needs.Nobody)]
    public void Lowering_threads_needs_no_privilege()
    {
        SourceFile.Dense(place.Source("a"), 24 * MiB);
        string config = place.Config(
            """
            bundle-copier {
              writer.max-rate = 16MiB
              process { scheduling = batch, nice = 10, io-priority = idle }
            }
            """);
        string[] args = ["--manifest", place.Manifest(place.Source("a")), "--config", config];
        foreach (string path in (string[])[place.Memory, place.Source("a"), place.Disk, place.Destination])
            Kernel.Own(path, Cli.NobodyId);
        using RunningCli cli = Cli.Start(args, before: Cli.AsNobody);
        Freeze(cli);
        AssertThreads(cli, (Batch, 10), (IdleIo, 0), (Normal, 0), 500);
        Finish(cli);
    }

    private static void End(Process process)
    {
        using (process)
        {
            process.Kill();
            Child.AwaitEnd(process);
        }
    }

    private static List<(int Id, string Name, int Policy, int Nice)> Own(RunningCli cli, int policy, int nice) =>
        cli.Threads().FindAll(t => t.Name == ThreadName && (t.Policy, t.Nice) == (policy, nice));

    private static void AssertThreads(
        RunningCli cli, (int Policy, int Nice) own, (int Class, int Level) io,
        (int Policy, int Nice) others, int oomScore)
    {
        List<(int Id, string Name, int Policy, int Nice)> workers = Own(cli, own.Policy, own.Nice);
        Assert.Equal(own == others ? Workers + Others : Workers, workers.Count);
        Assert.All(workers, t => Assert.Equal(io, Kernel.IoPriorityOf(t.Id)));
        Assert.All(cli.Threads().Except(workers), t => Assert.Equal(others, (t.Policy, t.Nice)));
        Assert.Equal(oomScore, cli.OomScoreAdj());
    }

    private long Governed(string field) =>
        ReceiptView.Read(place).Root.GetProperty("bystanders").GetProperty("governor").GetProperty(field).GetInt64();

    private RunningCli Begin(string settings, params string[] before)
    {
        SourceFile.Dense(place.Source("a"), 24 * MiB);
        string config = place.Config($"bundle-copier {{ writer.max-rate = 16MiB\n {settings} }}");
        RunningCli cli =
            Cli.Start(["--manifest", place.Manifest(place.Source("a")), "--config", config], before: before);
        Freeze(cli);
        return cli;
    }

    private void Freeze(RunningCli cli)
    {
        string output = Path.Combine(place.PartialPath, "files", "a");
        // A fifth of a second of writing, so the second thread has started, too.
        cli.FreezeWhen(
            () => File.Exists(output) && Kernel.StatusOf(output).AllocatedBytes >= 4 * MiB, "something was written");
    }

    private void Finish(RunningCli cli)
    {
        cli.Thaw();
        Ended.Committed(0, place, cli.Wait());
        Same.Bytes(place.Source("a"), place.Output("a"));
    }
}
