using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Plan;

/// <summary>What entries for processes find, on a simulated kernel.</summary>
public sealed class ProcessMemoryListingTests
{
    private readonly SimKernel kernel = new(new SimFaults(1));
    private readonly SimMappedProcess process = new();
    private CopySettings settings = new();

    public ProcessMemoryListingTests() => kernel.Processes[7] = process;

    [Fact]
    public void A_file_that_is_mapped_twice_or_by_two_processes_is_found_once_with_all_mappings()
    {
        SimSource heap = Memory(5);
        process.Map(0x1000, heap, "/dev/shm/heap").Map(0x8000, heap, "/dev/shm/heap", offset: 4096);
        kernel.Processes[8] = new SimMappedProcess().Map(0x3000, heap, "/dev/shm/heap", protection: "r--s");
        SourceListing listing = List(Of(7), Of(8));
        Assert.Equal(["7/heap"], Names(listing));
        Assert.Equal(
            [(7, "0x1000", "rw-s", 0L), (7, "0x8000", "rw-s", 4096L), (8, "0x3000", "r--s", 0L)],
            listing.MappingsOf(0)!.Known.Select(m => (m.Pid, m.Address, m.Protection, m.Offset)));
    }

    [Fact]
    public void System_V_segments_of_two_namespaces_with_one_id_are_two_files()
    {
        process.Map(0x1000, Memory(5), "/SYSV00000000 (deleted)");
        kernel.Processes[8] = new SimMappedProcess { IpcNamespace = "ipc:[2]" }
            .Map(0x1000, Memory(5), "/SYSV00000000 (deleted)");
        Assert.Equal(["7/sysv-00000000-5", "8/sysv-00000000-5"], Names(List(Of(7), Of(8))));
    }

    [Fact]
    public void Files_on_a_disk_are_left_out()
    {
        process.Map(0x1000, Memory(5, isInMemory: false), "/var/lib/database").Map(0x2000, Memory(6), "/dev/shm/heap");
        Assert.Equal(["7/heap"], Names(List(Of(7))));
    }

    [Fact]
    public void A_process_that_is_gone_or_has_no_shared_memory_is_one_failed_entry()
    {
        process.HasEnded = true;
        Assert.Equal(["7 ESRCH", "8 ESRCH"], Names(List(Of(7), Of(8))));
        process.HasEnded = false;
        Assert.Equal(["7 ENOENT"], Names(List(Of(7))));
    }

    [Fact]
    public void A_process_that_ends_before_its_memory_is_opened_is_refused_also_where_its_number_is_taken_again()
    {
        process.Map(0x1000, Memory(5), "/dev/shm/heap");
        using SourceScout scout = new(kernel, settings);
        SourceListing listing = SourceListing.Of(
            ManifestOf(Of(7)), kernel, settings, processes: scout.Processes).Value!;
        process.HasEnded = true;
        kernel.Processes[7] = new SimMappedProcess().Map(0x1000, Memory(5), "/dev/shm/secret");
        Assert.False(scout.Open(listing[0].File).Try(out _, out Fault? fault));
        Assert.Equal((FaultKind.ProcessGone, "ESRCH"), (fault!.Kind, fault.Code));
    }

    [Fact]
    public void A_mapping_that_is_gone_is_replaced_by_another_one_of_the_same_file()
    {
        SimSource heap = Memory(5);
        process.Map(0x1000, heap, "/dev/shm/heap").Map(0x8000, heap, "/dev/shm/heap");
        using SourceScout scout = new(kernel, settings);
        SourceListing listing = SourceListing.Of(
            ManifestOf(Of(7)), kernel, settings, processes: scout.Processes).Value!;
        process.Unmap(0x1000);
        Assert.True(scout.Open(listing[0].File).Try(out OpenedSource? opened, out _));
        scout.Drop(opened);
        process.Unmap(0x8000);
        Assert.False(scout.Open(listing[0].File).Try(out _, out Fault? fault));
        Assert.Equal(FaultKind.SourceMissing, fault!.Kind);
    }

    [Fact]
    public void Without_the_capability_each_file_is_a_failed_entry_that_names_it()
    {
        process.Map(0x1000, Memory(5), "/memfd:a (deleted)").MapFilesError = EPERM;
        SourceListing listing = List(Of(7));
        Assert.Equal(["7/memfd-a EPERM"], Names(listing));
        Assert.Contains("CAP_CHECKPOINT_RESTORE", listing[0].Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_beyond_the_limits_is_counted_in_one_entry()
    {
        settings = settings with { SourceMaxFiles = 2 };
        for (ulong i = 1; i <= 5; i++)
            process.Map(i * 0x1000, Memory(i), $"/dev/shm/f{i}");
        Assert.Equal(["7/f1", "7/f2", "7 LEFT_OUT"], Names(List(Of(7))));
    }

    [Fact]
    public void A_name_that_a_process_gives_cannot_take_that_of_an_entry()
    {
        process.Map(0x1000, Memory(5), "/dev/shm/heap");
        kernel.Add(new SimSource("/shm/x", new SimPages()));
        Assert.Equal(
            ["7/heap NAME_TAKEN", "7/heap"], Names(List(Of(7), new ManifestFile("/shm/x") { Name = "7/heap" })));
        Assert.Equal(
            ["7/heap NAME_TAKEN", "7/heap/y"], Names(List(Of(7), new ManifestFile("/shm/x") { Name = "7/heap/y" })));
    }

    [Fact]
    public void A_listing_gives_all_processes_back()
    {
        process.Map(0x1000, Memory(5), "/dev/shm/heap");
        using (SourceScout scout = new(kernel, settings))
            _ = SourceListing.Of(ManifestOf(Of(7)), kernel, settings, processes: scout.Processes);
        Assert.Empty(kernel.Leaks);
        Assert.Empty(kernel.Violations);
    }

    private static ManifestFile Of(int pid) => ManifestFile.OfProcess(new ProcessMemory(pid));

    private static SimSource Memory(ulong inode, bool isInMemory = true) => new($"memory {inode}", new SimPages())
    {
        Inode = inode,
        Traits = new FileTraits(IsShared: isInMemory, IsHugePageBacked: false, IsDirect: false),
    };

    private static BundleManifest ManifestOf(params ManifestFile[] files) => BundleManifest.Create("b", files).Value!;

    private static string[] Names(SourceListing listing) =>
        [.. Enumerable.Range(0, listing.Count).Select(i =>
            listing[i].Fault is { } fault ? $"{listing.NameOf(i)} {fault.Code}" : listing.NameOf(i))];

    private SourceListing List(params ManifestFile[] files) =>
        SourceListing.Of(ManifestOf(files), kernel, settings).Value!;
}
