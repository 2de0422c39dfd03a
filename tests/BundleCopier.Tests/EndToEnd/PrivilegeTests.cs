using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// What the program can do with which privileges, as docs/privileges.md says, and that it keeps no others.
/// </summary>
public sealed class PrivilegeTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const int Idle = 5; // sched(7)

    // linux/capability.h
    private const ulong DacReadSearch = 1UL << 2;
    private const ulong SysNice = 1UL << 23;
    private const ulong Lease = 1UL << 28;
    private const ulong ForCopies = (1UL << 1) | DacReadSearch | SysNice | (1UL << 24) | Lease;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Nobody)]
    [InlineData("", "failed", false)]
    [InlineData("dac_read_search", "copied", false)]
    [InlineData("dac_read_search,lease", "copied", true)]
    public void Files_of_other_users_are_read_with_one_capability_and_called_stable_with_another(
        string capabilities, string status, bool isStable)
    {
        SourceFile.Dense(place.Source("a"), 5000);
        ReceiptView receipt = Ended.Committed(
            status == "copied" ? 0 : 3, place, RunWith(capabilities, place.Source("a"), ""));
        Assert.Equal(status, receipt["a"].Status);
        if (status == "copied")
            Assert.Equal(isStable, receipt["a"].Stable);
    }

    [KernelFact(Needs.Nobody)]
    public void Memory_is_locked_with_one_capability()
    {
        SourceFile.Dense(place.Source("a"), 5000);
        CliResult result = RunWith("ipc_lock,dac_read_search", place.Source("a"), "memory.lock = on");
        Ended.Committed(0, place, result)["a"].IsWhole();
    }

    [KernelTheory(Needs.Nobody)]
    [InlineData("dac_read_search", "failed")]
    [InlineData("dac_read_search,sys_ptrace", "copied")]
    public void A_path_through_a_process_of_another_user_needs_one_more(string capabilities, string status)
    {
        using SafeFileHandle memory = Kernel.NamelessMemory("test");
        RandomAccess.Write(memory, "nameless"u8, 0);
        string source = $"/proc/{Environment.ProcessId}/fd/{memory.DangerousGetHandle()}";
        ReceiptView receipt = Ended.Committed(
            status == "copied" ? 0 : 3, place, RunWith(capabilities, Workspace.Entry(source, "x"), ""));
        Assert.Equal(status, receipt["x"].Status);
    }

    [KernelFact(Needs.Nobody | Needs.Native)]
    [Trait("Program", "native")]
    public void A_service_with_three_capabilities_keeps_them_and_loses_the_others()
    {
        using RunningCli cli = Begin(With("dac_read_search,lease,sys_nice,net_admin,sys_admin"));
        Assert.All(SetsOf(cli), held => Assert.Equal(DacReadSearch | Lease | SysNice, held));
        // SCHED_IDLE only where a thread can leave it again.
        Assert.Contains(cli.Threads(), t => t.Policy == Idle);
        cli.Thaw();
        Assert.True(Ended.Committed(0, place, cli.Wait())["a"].Stable);
    }

    [KernelFact(Needs.Root | Needs.Native)]
    [Trait("Program", "native")]
    public void Root_keeps_what_a_copy_needs_on_all_threads()
    {
        using RunningCli cli = Begin(["env"]);
        // In a container root may have fewer.
        ulong own = Permitted(File.ReadAllLines("/proc/self/status"));
        Assert.All(SetsOf(cli), held => Assert.Equal(ForCopies & own, held));
        cli.Thaw();
        Ended.Committed(0, place, cli.Wait());
    }

    [KernelFact(Needs.Root | Needs.Native)]
    [Trait("Program", "native")]
    public void Everything_works_in_a_sandbox_that_is_required()
    {
        SourceFile.Dense(place.Source("a"), 3 * MiB);
        SourceFile.Dense(place.Source("b"), 3000);
        string config = place.Config(
            """
            bundle-copier {
              process.sandbox = require, canary = on, memory.lock = on, compression = lz4
              destination.retention.max-bundles = 1
            }
            """);
        for (int i = 0; i < 2; i++)
            Ended.Committed(0, place, place.Copy("--replace", "--config", config));
        string restored = Path.Combine(place.Disk, "restored");
        Ended.With(0, Cli.Run("extract", place.BundlePath, restored));
        Same.Bytes(place.Source("a"), Path.Combine(restored, "a"));
        Ended.With(0, Cli.Run("cat", place.BundlePath, "b"));
    }

    [KernelFact(Needs.Root | Needs.Native)]
    [Trait("Program", "native")]
    public void Where_a_part_of_a_required_sandbox_is_missing_nothing_is_copied()
    {
        string manifest = place.Manifest(Workspace.Entry("/proc/self/fd/0", "x"));
        string config = place.Config("bundle-copier.process.sandbox = require");
        Ended.Refused(
            4, place, Cli.Run("--manifest", manifest, "--config", config), "process.sandbox is require", "/proc",
            "Set it to auto");
    }

    [KernelTheory(Needs.Nobody | Needs.Native)]
    [Trait("Program", "native")]
    [InlineData("chmod", "u+s")]
    [InlineData("chmod", "g+s")]
    [InlineData("setcap", "cap_dac_read_search+ep")]
    public void A_program_file_that_gives_privileges_is_refused(string tool, string rights)
    {
        Tool.Run("chmod", "711", place.Disk);
        string program = Path.Combine(place.Disk, "bundlecopy");
        File.Copy(Cli.Native!, program);
        Tool.Run("chmod", "755", program);
        Tool.Run(tool, rights, program);
        CliResult result = Cli.Start(["--version"], before: Cli.AsNobody, program: program).Wait();
        Ended.With(4, result);
        Assert.Equal("", result.Output);
        Ended.Says(result, "privileges that its caller does not have", "setcap -r");
    }

    /// <summary>The capabilities of each thread, which must all have no_new_privs (proc_pid_status(5)).</summary>
    private static ulong[] SetsOf(RunningCli cli) =>
        [.. Directory.GetDirectories($"/proc/{cli.Id}/task").Select(task =>
        {
            string[] lines = File.ReadAllLines(Path.Combine(task, "status"));
            Assert.True(lines.Contains("NoNewPrivs:\t1"), $"This thread is not confined: {lines[0]}");
            return Permitted(lines);
        })];

    private static ulong Permitted(string[] status) => ulong.Parse(
        status.Single(l => l.StartsWith("CapPrm:", StringComparison.Ordinal)).Split('\t')[1],
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    private static string[] With(string capabilities)
    {
        string all = capabilities.Length == 0
            ? "-all"
            : $"+{capabilities.Replace(",", ",+", StringComparison.Ordinal)}";
        return
        [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", $"--inh-caps={all}",
            $"--ambient-caps={all}", "--",
        ];
    }

    private CliResult RunWith(string capabilities, string source, string settings) =>
        RunWith(capabilities, Workspace.Entry(source), settings);

    // The source stays root's; the destination and the inputs are nobody's.
    private CliResult RunWith(string capabilities, System.Text.Json.Nodes.JsonObject entry, string settings)
    {
        string manifest = place.Manifest(entry);
        string config = place.Config($"bundle-copier {{ {settings} }}");
        Kernel.Own(place.Disk, Cli.NobodyId);
        Kernel.Own(place.Destination, Cli.NobodyId);
        return Cli.Start(["--manifest", manifest, "--config", config], before: With(capabilities)).Wait();
    }

    private RunningCli Begin(string[] before)
    {
        SourceFile.Dense(place.Source("a"), 24 * MiB);
        string config = place.Config("bundle-copier.writer.max-rate = 16MiB");
        string manifest = place.Manifest(place.Source("a"));
        if (before[0] == "setpriv")
        {
            Kernel.Own(place.Disk, Cli.NobodyId);
            Kernel.Own(place.Destination, Cli.NobodyId);
        }

        RunningCli cli = Cli.Start(["--manifest", manifest, "--config", config], before: before);
        string output = Path.Combine(place.PartialPath, "files", "a");
        cli.FreezeWhen(
            () => File.Exists(output) && Kernel.StatusOf(output).AllocatedBytes > 0, "something was written");
        return cli;
    }
}
