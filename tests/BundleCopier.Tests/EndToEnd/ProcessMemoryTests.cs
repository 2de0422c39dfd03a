using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Shared memory of processes, with and without a name.</summary>
public sealed class ProcessMemoryTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void Each_kind_of_shared_memory_is_copied_byte_by_byte_and_holes_allocate_nothing()
    {
        using MemoryOwner owner = MemoryOwner.Start("all");
        string before = BlocksOf(owner);
        ReceiptView receipt = Ended.Committed(0, place, Copy(Process(owner.Pid)));
        Assert.Equal(before, BlocksOf(owner));
        Dictionary<string, ulong> kinds = new()
        {
            [$"{owner.Name}-named"] = 1,
            [$"{owner.Name}-gone"] = 2,
            [$"memfd-{owner.Name}"] = 3,
            [$"sysv-00000000-{owner.Segment}"] = 4,
            [$"sysv-00000000-{owner.RemovedSegment}"] = 5,
        };
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            string leaf = file.Name[(file.Name.IndexOf('/') + 1)..];
            Assert.StartsWith($"{owner.Pid}/", file.Name, StringComparison.Ordinal);
            file.IsWhole();
            MemoryOwner.IsWhole(place.Output(file.Name), kinds.GetValueOrDefault(leaf, 6UL));
            Assert.False(file.Stable);
            JsonElement mapping = Assert.Single(MappingsOf(receipt, file.Name));
            Assert.Equal(owner.Pid, mapping.GetProperty("pid").GetInt32());
            Assert.Equal("rw-s", mapping.GetProperty("protection").GetString());
            Assert.Equal(MemoryOwner.Bytes, mapping.GetProperty("length").GetInt32());
            string address = mapping.GetProperty("address").GetString()!;
            Assert.Contains(address[2..], file.Source, StringComparison.Ordinal);
            if (!kinds.Remove(leaf))
                Assert.Equal($"anon-{address[2..]}", leaf);
        }

        Assert.Empty(kinds);
        Assert.Equal(6, receipt.Files.Count);
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void A_System_V_segment_is_copied_by_its_id_also_when_it_is_removed()
    {
        using MemoryOwner owner = MemoryOwner.Start("all");
        JsonObject removed = new() { ["sysv"] = owner.RemovedSegment, ["name"] = "x/removed" };
        JsonObject none = new() { ["sysv"] = int.MaxValue };
        ReceiptView receipt = Ended.Committed(
            3, place, Copy(new JsonObject { ["sysv"] = owner.Segment }, removed, none));
        receipt[$"sysv-{owner.Segment}"].IsWhole();
        MemoryOwner.IsWhole(place.Output($"sysv-{owner.Segment}"), 4);
        MemoryOwner.IsWhole(place.Output("x/removed"), 5);
        Assert.Equal("ENOENT", receipt[$"sysv-{int.MaxValue}"].Error);
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void A_segment_that_fifty_children_map_is_copied_once_with_all_mappings()
    {
        using MemoryOwner owner = MemoryOwner.Start("children 50");
        int[] children =
            [.. File.ReadAllText($"/proc/{owner.Pid}/task/{owner.Pid}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.Equal(50, children.Length);
        ReceiptView receipt = Ended.Committed(
            0, place, Copy([Process(owner.Pid), .. children.Select(c => Process(c))]));
        ReceiptView.FileView file = Assert.Single(receipt.Files);
        MemoryOwner.IsWhole(place.Output(file.Name), 3);
        int[] pids = [.. MappingsOf(receipt, file.Name).Select(m => m.GetProperty("pid").GetInt32())];
        // A child has what its parent had mapped before, and may have mapped the segment itself by now.
        Assert.Equal(children.Append(owner.Pid).Order(), pids.Distinct().Order());
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    [Trait("Speed", "slow")]
    public void Sixty_thousand_mappings_are_found()
    {
        using MemoryOwner owner = MemoryOwner.Start("many 60000", bytes: 1 << 20);
        ReceiptView receipt = Ended.Committed(0, place, Copy(Process(owner.Pid)));
        Assert.Equal(2, receipt.Files.Count);
        MemoryOwner.IsWhole(place.Output($"{owner.Pid}/memfd-second"), 3, 1 << 20);
        JsonElement many = receipt.Root.GetProperty("files").EnumerateArray()
            .Single(f => f.GetProperty("name").GetString() == $"{owner.Pid}/memfd-{owner.Name}");
        Assert.Equal(1000, many.GetProperty("process").GetArrayLength());
        Assert.Equal(60_001 - 1000, many.GetProperty("moreMappings").GetInt32());
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void Patterns_and_a_name_choose_what_is_copied_and_where_to()
    {
        using MemoryOwner owner = MemoryOwner.Start("all");
        JsonObject entry = Process(owner.Pid);
        entry["name"] = "engine";
        entry["include"] = new JsonArray("memfd-*", "/dev/shm/*");
        entry["exclude"] = new JsonArray("*-gone");
        ReceiptView receipt = Ended.Committed(0, place, Copy(entry));
        Assert.Equal(
            [$"engine/{owner.Name}-named", $"engine/memfd-{owner.Name}"],
            receipt.Files.Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void A_number_that_belongs_to_another_process_when_its_memory_is_opened_is_refused()
    {
        SourceFile.Dense(place.Source("big"), 64 << 20);
        using MemoryOwner owner = MemoryOwner.Start("all");
        string config = place.Config("bundle-copier { writer.max-rate = 16MiB, budget = 2MiB }");
        // Only a few files are open at a time, and the memory comes last.
        JsonObject[] entries =
        [
            Workspace.Entry(place.Source("big"), priority: 10),
            .. Enumerable.Range(0, 300).Select(i =>
                Workspace.Entry(SourceFile.Dense(place.Source($"s{i}"), 300_000), priority: 5)),
            Process(owner.Pid),
        ];
        using RunningCli cli = Cli.Start(["--manifest", place.Manifest(entries), "--config", config]);
        cli.FreezeWhen(() => File.Exists(Path.Combine(place.PartialPath, "files", "big")), "the big file is begun");
        owner.Kill();
        using System.Diagnostics.Process? other = StartWithNumber(owner.Pid);
        cli.Thaw();
        ReceiptView receipt = Ended.Committed(3, place, cli.Wait());
        ReceiptView.FileView[] memory =
            [.. receipt.Files.Where(f => f.Name.StartsWith($"{owner.Pid}/", StringComparison.Ordinal))];
        Assert.Equal(6, memory.Length);
        Assert.All(memory, f => Assert.Equal(("failed", "ESRCH"), (f.Status, f.Error)));
        other?.Kill();
    }

    [KernelFact(Needs.Compiler | Needs.HugePages)]
    public void Memory_in_huge_pages_is_copied()
    {
        using HugePages reserved = HugePages.Reserve(4);
        using MemoryOwner owner = MemoryOwner.Start("huge");
        ReceiptView receipt = Ended.Committed(0, place, Copy(Process(owner.Pid)));
        MemoryOwner.IsWhole(place.Output(Assert.Single(receipt.Files).Name), 3);
        Assert.False(receipt.Files[0].Stable);
    }

    [KernelTheory(Needs.Nobody | Needs.Compiler)]
    [InlineData("checkpoint_restore,+sys_ptrace,+dac_read_search", "process")]
    [InlineData("checkpoint_restore,+ipc_owner,+dac_read_search", "sysv")]
    public void With_the_documented_capabilities_memory_of_another_user_is_copied(string capabilities, string what)
    {
        using MemoryOwner owner = MemoryOwner.Start("all");
        string manifest = place.Manifest(
            what == "process" ? Process(owner.Pid) : new JsonObject { ["sysv"] = owner.Segment });
        Kernel.Own(place.Disk, Cli.NobodyId);
        Kernel.Own(place.Destination, Cli.NobodyId);
        string[] before =
        [
            .. Cli.AsNobody[..^1], $"--inh-caps=+{capabilities}", $"--ambient-caps=+{capabilities}", "--",
        ];
        ReceiptView receipt = Ended.Committed(0, place, Cli.Start(["--manifest", manifest], before: before).Wait());
        Assert.Equal(what == "process" ? 6 : 1, receipt.Files.Count);
    }

    [KernelTheory(Needs.Root | Needs.Compiler)]
    [InlineData("")]
    [InlineData("-o huge=always")]
    public void A_process_in_namespaces_of_its_own_gives_its_own_memory(string options)
    {
        // Its /dev/shm is another tmpfs.
        using MemoryOwner owner = MemoryOwner.Start(
            "all",
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "sh", "-c",
                $"mount -t tmpfs {options} tmpfs /dev/shm && exec \"$0\" \"$@\""]);
        int inside = int.Parse(
            File.ReadAllText($"/proc/{owner.Pid}/task/{owner.Pid}/children").Trim(), CultureInfo.InvariantCulture);
        string hostFile = Path.Combine(Workspace.MemoryRoot, $"{owner.Name}-named");
        File.WriteAllText(hostFile, "of the host");
        try
        {
            ReceiptView receipt = Ended.Committed(0, place, Copy(Process(inside)));
            Assert.Equal(6, receipt.Files.Count);
            MemoryOwner.IsWhole(place.Output($"{inside}/{owner.Name}-named"), 1);
            MemoryOwner.IsWhole(place.Output($"{inside}/sysv-00000000-{owner.Segment}"), 4);
        }
        finally
        {
            File.Delete(hostFile);
        }
    }

    [KernelTheory(Needs.Nobody | Needs.Compiler)]
    [InlineData(false, "process", "EACCES")]
    [InlineData(true, "memfd", "EPERM")]
    public void Without_a_capability_the_entry_fails_and_names_it(bool isOwn, string what, string code)
    {
        using MemoryOwner owner = MemoryOwner.Start("all", isOwn ? Cli.AsNobody : null);
        string manifest = place.Manifest(Process(owner.Pid));
        Kernel.Own(place.Disk, Cli.NobodyId);
        Kernel.Own(place.Destination, Cli.NobodyId);
        ReceiptView receipt = Ended.Committed(3, place, Cli.RunAsNobody("--manifest", manifest));
        string name = isOwn ? $"{owner.Pid}/memfd-{owner.Name}" : $"{owner.Pid}";
        Assert.Equal(("failed", code), (receipt[name].Status, receipt[name].Error));
        Assert.Contains("CAP_CHECKPOINT_RESTORE", receipt[name].ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(what == "memfd" ? 6 : 1, receipt.Files.Count);
        // The file that has a name is the process's own, and needs no capability.
        if (isOwn)
            MemoryOwner.IsWhole(place.Output($"{owner.Pid}/{owner.Name}-named"), 1);
    }

    [KernelFact(Needs.Root | Needs.Compiler)]
    public void A_capture_needs_no_manifest()
    {
        using MemoryOwner owner = MemoryOwner.Start("all");
        ReceiptView receipt = Ended.Committed(
            0, place, Cli.Run("capture", "--pid", $"{owner.Pid}", "--to", place.Destination, "--name", "b"));
        Assert.Equal(6, receipt.Files.Count);
        Ended.With(0, Cli.Run("capture", "--pid", $"{owner.Pid}", "--to", place.Destination));
        string made = place.LeftInDestination.Single(n => n != "b");
        Assert.Matches($"^memory_owner-{owner.Pid}-[0-9]{{8}}T[0-9]{{6}}Z$", made);
    }

    [KernelTheory]
    [InlineData("--to {0}", "--pid: it is missing")]
    [InlineData("--pid 0 --to {0}", "--pid: is 0")]
    [InlineData("--pid 1", "--to: it is missing")]
    [InlineData("--pid 1 --to {0} --name a/b", "--name: \"a/b\"")]
    public void A_capture_with_a_wrong_option_is_refused_and_names_it(string options, string message)
    {
        string[] args = options.Replace("{0}", place.Destination, StringComparison.Ordinal).Split(' ');
        Ended.Refused(2, place, Cli.Run(["capture", .. args]), message);
    }

    private static JsonObject Process(int pid) => new() { ["process"] = pid };

    /// <summary>How much is allocated of each file that a process has mapped.</summary>
    private static string BlocksOf(MemoryOwner owner) =>
        Tool.Run("sh", "-c", $"stat -L --format '%n %b' /proc/{owner.Pid}/map_files/*");

    private static JsonElement[] MappingsOf(ReceiptView receipt, string name) =>
        [.. receipt.Root.GetProperty("files").EnumerateArray()
            .Single(f => f.GetProperty("name").GetString() == name).GetProperty("process").EnumerateArray()];

    private CliResult Copy(params JsonObject[] entries) => Cli.Run("--manifest", place.Manifest(entries));

    /// <summary>Another process with the number of one that has ended; null where another program is faster.</summary>
    private static System.Diagnostics.Process? StartWithNumber(int pid)
    {
        for (int i = 0; i < 20; i++)
        {
            File.WriteAllText("/proc/sys/kernel/ns_last_pid", $"{pid - 1}");
            System.Diagnostics.Process started = System.Diagnostics.Process.Start("sleep", "60");
            if (started.Id == pid)
                return started;
            started.Kill();
            started.Dispose();
        }

        return null;
    }
}
