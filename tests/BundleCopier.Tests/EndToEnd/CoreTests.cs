using System.Diagnostics;
using System.Text.Json;
using BundleCopier.Tests.Elf;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The core of a process, as the kernel writes it into the standard input of bundlecopy core.</summary>
public sealed class CoreTests : IDisposable
{
    private const int MiB = 1 << 20;

    // PID, UID, GID, SIGNAL, TIME (2026-11-22T20:14:05Z), HOST, COMMAND. There is no such process.
    private static readonly string[] Crash =
        ["2147483647", "65534", "65534", "11", "1795378445", "node17", "my engine"];

    private readonly Workspace place = new();
    private readonly byte[] core = new CoreFile { DataBytes = 9 * MiB }.ToArray();

    public void Dispose() => place.Dispose();

    private string Bundle => Path.Combine(place.Destination, "my_engine-2147483647-20261122T201405Z");

    [KernelFact]
    public void A_core_becomes_a_bundle_of_its_own_around_the_page_cache()
    {
        Ended.With(0, Cli.RunWithInput(core, ["core", "--to", place.Destination, .. Crash]));
        Assert.Equal([Path.GetFileName(Bundle)], place.LeftInDestination);
        Assert.Equal(core, File.ReadAllBytes(Path.Combine(Bundle, "files", "core")));
        Ended.With(0, Cli.Run("verify", Bundle));
        JsonElement receipt = Receipt();
        JsonElement file = receipt.GetProperty("files")[0];
        Assert.Equal("core:2147483647", file.GetProperty("source").GetString());
        Assert.Equal("node17", receipt.GetProperty("labels").GetProperty("host").GetString());
        Assert.Equal(65534, file.GetProperty("sourceMetadata").GetProperty("uid").GetInt32());
        Assert.Equal(
            (true, core.Length, 11, 2147483647, "my engine"),
            CoreOf(file, static c => c.GetProperty("executable").GetString()));
        JsonElement resources = receipt.GetProperty("resources");
        Assert.InRange(
            resources.GetProperty("peakInFlightBytes").GetInt64(), 1, resources.GetProperty("budgetBytes").GetInt64());
        if (file.GetProperty("io").GetString() == "direct")
            Assert.InRange(resources.GetProperty("destinationCachedBytes").GetInt64(), 0, 4096);
    }

    [KernelFact]
    public void A_core_is_compressed_where_the_settings_say_so()
    {
        string config = place.Config("bundle-copier.compression = lz4");
        Ended.With(0, Cli.RunWithInput(core, ["core", "--config", config, "--to", place.Destination, .. Crash]));
        Ended.With(0, Cli.Run("verify", Bundle));
        string restored = Path.Combine(place.Disk, "restored");
        Ended.With(0, Cli.Run("extract", Bundle, restored));
        Assert.Equal(core, File.ReadAllBytes(Path.Combine(restored, "core")));
        Assert.True(new FileInfo(Path.Combine(Bundle, "files", "core.lz4")).Length < core.Length);
    }

    [KernelFact]
    public void A_core_that_ends_early_is_partial_and_its_size_is_what_its_headers_say()
    {
        byte[] cut = core[..^((3 * MiB) + 5)];
        CliResult result = Cli.RunWithInput(cut, ["core", "--to", place.Destination, .. Crash]);
        Ended.With(3, result);
        Ended.Says(result, "a core ended before its end");
        Ended.With(0, Cli.Run("verify", Bundle));
        JsonElement file = Receipt().GetProperty("files")[0];
        Assert.Equal("CORE_CUT", file.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(core.Length, file.GetProperty("size").GetInt64());
        Assert.Equal(cut.Length, Assert.Single(file.GetProperty("ranges").EnumerateArray())
            .GetProperty("length").GetInt64());
        Assert.False(file.GetProperty("core").GetProperty("whole").GetBoolean());
        Assert.Equal(core.Length, new FileInfo(Path.Combine(Bundle, "files", "core")).Length);
    }

    [KernelFact]
    public void A_stopped_copy_keeps_what_it_has_read_and_lets_the_writer_go()
    {
        using Process program = Start();
        Stream pipe = program.StandardInput.BaseStream;
        pipe.Write(core.AsSpan(0, 5 * MiB));
        pipe.Flush();
        string partial = Path.Combine(place.Destination, $".{Path.GetFileName(Bundle)}.partial", "files", "core");
        Assert.True(SpinWait.SpinUntil(() => Kernel.AllocatedBytes(partial) >= 2 * MiB, Child.Patience));
        Kernel.Signal(program.Id, Kernel.SigTerm);
        Assert.Throws<IOException>(() =>
        {
            for (int i = 0; i < 1000; i++)
                pipe.Write(core.AsSpan(0, MiB));
        });
        Child.AwaitEnd(program);
        Assert.Equal(143, program.ExitCode);
        Ended.With(0, Cli.Run("verify", Bundle));
        JsonElement file = Receipt().GetProperty("files")[0];
        Assert.Equal("CANCELLED", file.GetProperty("error").GetProperty("code").GetString());
        Assert.True(file.GetProperty("ranges")[0].GetProperty("length").GetInt64() >= 2 * MiB);
    }

    [KernelFact]
    public void Standard_input_that_is_a_file_of_a_disk_is_refused()
    {
        string file = Path.Combine(place.Disk, "core");
        File.WriteAllBytes(file, core);
        CliResult result = Cli.Start(
            ["core", "--to", place.Destination, .. Crash],
            before: ["bash", "-c", "exec \"$@\" <\"$0\"", file]).Wait();
        Ended.With(3, result);
        Assert.Equal(
            "NOT_STREAM",
            Receipt().GetProperty("files")[0].GetProperty("error").GetProperty("code").GetString());
    }

    [KernelFact]
    public void Wrong_arguments_are_told()
    {
        Ended.Refused(2, place, Cli.Run(["core", .. Crash]), "--to", "it is missing");
        Ended.Refused(2, place, Cli.Run(["core", "--to", place.Destination, "x", .. Crash[1..]]), "PID: \"x\"");
    }

    [KernelFact(Needs.Root)]
    public void Without_a_standard_error_the_kernels_log_says_what_is_wrong()
    {
        string missing = Path.Combine(place.Destination, "missing");
        RunningCli running = Cli.Start(
            ["core", "--to", missing, .. Crash], before: ["bash", "-c", "exec \"$0\" \"$@\" 2>&-"]);
        Ended.With(4, running.Wait());
        // A record can be read a moment after it was written.
        Assert.True(SpinWait.SpinUntil(
            () => Tool.Run("dmesg").Contains(missing, StringComparison.Ordinal), Child.Patience));
    }

    private Process Start()
    {
        string[] command = [.. Cli.Program, "core", "--to", place.Destination, .. Crash];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true })!;
    }

    private JsonElement Receipt() =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Bundle, "receipt.json"))).RootElement;

    private static (bool Whole, int ExpectedBytes, int Signal, int Pid, string? Executable) CoreOf(
        JsonElement file, Func<JsonElement, string?> executable)
    {
        JsonElement core = file.GetProperty("core");
        return (
            core.GetProperty("whole").GetBoolean(),
            core.GetProperty("expectedBytes").GetInt32(),
            core.GetProperty("signal").GetInt32(),
            core.GetProperty("pid").GetInt32(),
            executable(core));
    }
}
