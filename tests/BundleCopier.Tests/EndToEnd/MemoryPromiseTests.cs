using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>These tests measure the whole machine, so no other test of this suite runs at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneOnTheMachine
{
    public const string Name = "Alone on the machine";
}

/// <summary>The program keeps its promises about memory, according to the kernel.</summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class MemoryPromiseTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;
    private const long MaxCachedBytes = MiB;
    private const long BudgetBytes = 32 * MiB;
    private const long RuntimeBytes = 64 * MiB; // a .NET process that does nothing

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("slab")]
    [InlineData("map")]
    public void One_GiB_that_was_copied_is_not_in_page_cache(string mode)
    {
        SourceFile.Dense(place.Source("a"), GiB + 77);
        Ended.With(0, place.Copy("--config", place.Config($"bundle-copier.reader.mode = {mode}")));
        Assert.InRange(Kernel.CachedBytes(place.Output("a")), 0, MaxCachedBytes);
        Assert.Equal("direct", ReceiptView.Read(place)["a"].Io);
        Assert.InRange(
            ReceiptView.Read(place).Resources.GetProperty("destinationCachedBytes").GetInt64(), 0, MaxCachedBytes);

        Ended.With(0, place.Verify());
        Assert.InRange(Kernel.CachedBytes(place.Output("a")), 0, MaxCachedBytes);
        Same.Bytes(place.Source("a"), place.Output("a"));
    }

    [KernelTheory]
    [InlineData("slab")]
    [InlineData("map")]
    public void Copying_holes_takes_no_shared_memory(string mode)
    {
        const long Tolerance = 16 * MiB; // others use shared memory too
        string source = SourceFile.Sparse(
            place.Source("a"), 4 * GiB, [.. Enumerable.Range(0, 64).Select(i => (i * 64 * MiB, 64L << 10))]);
        long allocated = Kernel.StatusOf(source).AllocatedBytes;
        string config = place.Config($"bundle-copier.reader.mode = {mode}");

        long grown = long.MaxValue;
        for (int round = 0; round < 3 && grown > Tolerance; round++)
        {
            long before = Machine.MemInfoBytes("Shmem");
            Ended.With(0, place.Copy("--config", config));
            grown = Math.Min(grown, Machine.MemInfoBytes("Shmem") - before);
            Assert.Equal(allocated, Kernel.StatusOf(source).AllocatedBytes);
            Directory.Delete(place.BundlePath, recursive: true);
        }

        Assert.True(grown <= Tolerance, $"Shared memory grew by {grown} bytes.");
    }

    [KernelTheory]
    [InlineData("slab")]
    [InlineData("map")]
    public void A_copy_of_64_MiB_stays_within_its_budget(string mode)
    {
        SourceFile.Dense(place.Source("a"), 64 * MiB);
        CopyWithinBudget(mode);
    }

    [KernelFact]
    public void A_copy_of_a_thousand_files_stays_within_its_budget()
    {
        for (int i = 0; i < 1000; i++)
            SourceFile.Dense(place.Source($"f{i}"), 100_000);
        CopyWithinBudget("slab");
    }

    [KernelFact(Needs.MuchMemory)]
    [Trait("Category", "Large")]
    public void A_copy_of_4_GiB_stays_within_the_same_budget_and_leaves_no_page_cache()
    {
        SourceFile.Dense(place.Source("a"), 4 * GiB);
        CliResult result = CopyWithinBudget("slab");
        Assert.InRange(Kernel.CachedBytes(place.Output("a")), 0, MaxCachedBytes);
        ReceiptView receipt = Ended.Committed(0, place, result);
        receipt["a"].IsWhole();
        Assert.Equal(4 * GiB, receipt["a"].WrittenBytes);
        Same.Bytes(place.Source("a"), place.Output("a"));
    }

    private CliResult CopyWithinBudget(string mode)
    {
        string config = place.Config($"bundle-copier.reader.mode = {mode}");
        using RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(place.Source("*")), "--config", config]);
        // Anonymous memory only: mapped pages of the source belong to the source, and mapped files of the runtime are
        // shared.
        long peak = cli.PeakOf("RssAnon");
        CliResult result = cli.Wait();
        Ended.With(0, result);
        Assert.InRange(peak, MiB, BudgetBytes + RuntimeBytes);
        ReceiptView receipt = ReceiptView.Read(place);
        Assert.InRange(receipt.Resources.GetProperty("peakInFlightBytes").GetInt64(), 1, BudgetBytes);
        Assert.True(
            receipt.Resources.GetProperty("peakRssBytes")
            .GetInt64() >= peak, "The receipt names less than was seen from outside.");
        return result;
    }
}
