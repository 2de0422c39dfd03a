using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>With memory.lock the kernel cannot reclaim the memory of a copy.</summary>
public sealed class MemoryLockTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Root | Needs.Native | Needs.TakeBack)]
    [Trait("Program", "native")]
    [InlineData("on")]
    [InlineData("off")]
    public void A_locked_copy_never_waits_for_its_own_pages_and_an_unlocked_copy_does(string isLocked)
    {
        // A separate copy of the program: the kernel does not reclaim pages that other processes use, too.
        string program = Path.Combine(place.Disk, "bundlecopy");
        File.Copy(Cli.Native!, program);
        Tool.Run("sync", program);
        SourceFile.Dense(place.Source("a"), 24 * MiB);
        string config = place.Config($"bundle-copier {{ memory.lock = {isLocked}, writer.max-rate = 16MiB }}");
        using RunningCli cli =
            Cli.Start(["--manifest", place.Manifest(place.Source("a")), "--config", config], program: program);
        string output = Path.Combine(place.PartialPath, "files", "a");
        cli.FreezeWhen(
            () => File.Exists(output) && Kernel.StatusOf(output).AllocatedBytes > 0, "something was written");
        (long Start, long End, string Rights, string File)[] own = [.. cli.Mappings().Where(m => m.File == program)];
        Assert.NotEmpty(own);
        Assert.All(own, m => Assert.Equal(isLocked == "off", Kernel.TakeBack(cli.Id, m.Start, m.End)));
        Kernel.DropCache(program); // also the pages of it that are not mapped yet
        long before = cli.MajorFaults();
        cli.Thaw();
        long after = cli.PeakOf(cli.MajorFaults);
        Ended.With(0, cli.Wait());

        long told = ReceiptView.Read(place).Resources.GetProperty("majorFaults").GetInt64();
        if (isLocked == "on")
            Assert.Equal((0, 0), (told, after - before));
        else
            Assert.True(
                told > 0 && after > before,
                $"The receipt counts {told} major faults, the kernel {after - before}: no memory was taken away, "
                + "so this test shows nothing.");
    }

    [KernelTheory(Needs.Root)]
    [InlineData("reader.mode = slab")]
    [InlineData("reader.mode = map")]
    [InlineData("reader.mode = map, zero-detection = off")]
    [InlineData("compression = lz4")]
    public void A_locked_copy_has_its_budget_from_the_start_and_takes_no_shared_memory(string settings)
    {
        string source = SourceFile.Sparse(place.Source("a"), 512 * MiB, (MiB, 5 * MiB), (300 * MiB, 4096));
        long allocated = Kernel.StatusOf(source).AllocatedBytes;
        string config = place.Config($"bundle-copier {{ memory.lock = on, budget = 64MiB, {settings} }}");
        using RunningCli cli = Cli.Start(["--manifest", place.Manifest(source), "--config", config]);
        long locked = cli.PeakOf("VmLck");
        Ended.Committed(0, place, cli.Wait());
        JsonElement resources = ReceiptView.Read(place).Resources;
        Assert.True(resources.GetProperty("peakRssBytes").GetInt64() > 64 * MiB);
        Assert.True(locked > 64 * MiB, $"{locked} bytes were locked.");
        Assert.Equal(allocated, Kernel.StatusOf(source).AllocatedBytes);
    }

    [KernelFact(Needs.Nobody)]
    public void Where_memory_may_not_be_locked_nothing_is_copied()
    {
        SourceFile.Dense(place.Source("a"), MiB);
        string[] args =
            ["--manifest", place.Manifest(place.Source("a")), "--config",
            place.Config("bundle-copier.memory.lock = on")];
        foreach (string path in (string[])[place.Memory, place.Source("a"), place.Disk, place.Destination])
            Kernel.Own(path, Cli.NobodyId);
        foreach (string limit in (string[])["0", "1048576"])
        {
            CliResult result = Cli.Start(args, before: ["prlimit", $"--memlock={limit}:{limit}", .. Cli.AsNobody])
                .Wait();
            Ended.Refused(
                4, place, result, "bundle-copier.memory.lock", "RLIMIT_MEMLOCK", limit == "0" ? "EPERM" : "ENOMEM");
        }
    }
}
