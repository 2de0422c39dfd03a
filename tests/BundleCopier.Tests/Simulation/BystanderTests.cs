using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>The receipt has the figures of the simulated machine.</summary>
public sealed class BystanderTests
{
    private const long MiB = 1 << 20;

    private static readonly HostReading Calm = new(
        MemAvailableBytes: 900 * MiB, MemFreeBytes: 800 * MiB, ShmemBytes: 700 * MiB, DirtyBytes: MiB,
        MemorySomeUs: 1000, MemoryFullUs: 500, IoSomeUs: 8000, IoFullUs: 4000);

    [Fact]
    public void Peaks_between_the_start_and_the_end_are_in_the_receipt() => Seeds.Each(1, 20, seed =>
    {
        SimCase subject = Subject(seed);
        subject.Kernel.Host = Calm;
        // A neighbour writes and takes memory for 600 simulated milliseconds. A reading every 100 ms cannot miss
        // that, even if a message with 64 orders delays it.
        subject.Kernel.At(
            300, () => subject.Kernel.Host = Calm with { DirtyBytes = 77 * MiB, MemAvailableBytes = 200 * MiB });
        subject.Kernel.At(301, () => subject.Kernel.PageTables = 12345);
        subject.Kernel.At(
            900, () => subject.Kernel.Host = Calm with { ShmemBytes = 650 * MiB, IoSomeUs = 10_500, IoFullUs = 4000 });
        subject.Kernel.At(901, () => subject.Kernel.PageTables = 0);
        ReceiptBystanders felt = SimRun.Of(subject).Committed.Receipt.Bystanders!;
        Assert.True(subject.Kernel.Calls > 1100, $"only {subject.Kernel.Calls} calls");
        Assert.Equal(
            (77 * MiB, 200 * MiB, 12345), (felt.DirtyPeakBytes, felt.MemAvailableLowBytes, felt.PageTablePeakBytes));
        Assert.Equal(-50 * MiB, felt.TmpfsGrowthBytes);
        Assert.Equal(new ReceiptStall(2.5, 0), felt.IoStallMs);
        Assert.Equal(new ReceiptStall(0, 0), felt.MemoryStallMs);
        Assert.Null(felt.Canary);
    });

    [Fact]
    public void Without_pressure_figures_of_the_kernel_only_those_are_missing()
    {
        SimCase subject = Subject(1);
        subject.Kernel.Host = Calm with { MemorySomeUs = null, MemoryFullUs = null, IoSomeUs = null, IoFullUs = null };
        ReceiptBystanders felt = SimRun.Of(subject).Committed.Receipt.Bystanders!;
        Assert.Null(felt.MemoryStallMs);
        Assert.Null(felt.IoStallMs);
        Assert.Equal(MiB, felt.DirtyPeakBytes);
    }

    [Fact]
    public void The_same_seed_gives_the_same_receipt() => Seeds.Each(1, 20, seed =>
    {
        (string Text, int Steps)[] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            SimCase subject = Subject(seed, isCanary: true);
            int dirty = 0;
            for (int call = 1; call < 2000; call++)
                subject.Kernel.At(
                    call, () => subject.Kernel.Host = Calm with { DirtyBytes = (dirty += 7919) % 100_003 });
            SimRun run = SimRun.Of(subject);
            return (Receipt.Receipts.Text(run.Committed.Receipt), run.Steps);
        })];
        Assert.Equal(runs[0], runs[1]);
    });

    [Fact]
    public void The_canary_measures_before_the_copy_and_during_it() => Seeds.Each(1, 20, seed =>
    {
        SimCase subject = Subject(seed, isCanary: true);
        int readsBefore = -1;
        subject.Faults.Hook = (op, _, _) =>
        {
            if (op is SimOp.OpenSource or SimOp.ListNames && readsBefore < 0)
                readsBefore = subject.Faults.CountOf(SimOp.WriteProbe);
            if (op == SimOp.WriteProbe && readsBefore >= 0)
                subject.Kernel.Idle(30);
            return 0;
        };
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        ReceiptCanary canary = run.Committed.Receipt.Bystanders!.Canary!;
        Assert.InRange(canary.Write.Before!.Count, 5, 20);
        Assert.InRange(readsBefore, canary.Write.Before.Count, 22);
        Assert.Equal((1, 31), (canary.Write.Before.P99Ms, canary.Write.During!.P50Ms));
        Assert.InRange(canary.ForkExec.During!.Count, 1, 1000);
        Assert.Empty(run.Kernel.Leaks);
    });

    [Theory]
    [InlineData(SimOp.CreateProbe, NotSupported)]
    [InlineData(SimOp.WriteProbe, InputOutput)]
    [InlineData(SimOp.Spawn, TryAgain)]
    [InlineData(SimOp.WriteProbe, Throws)]
    [InlineData(SimOp.Spawn, Throws)]
    public void A_canary_that_fails_or_dies_at_any_moment_loses_its_figures_and_never_the_copy(SimOp op, int errno) =>
        Seeds.Each(1, 40, seed =>
    {
        SimCase subject = Subject(seed, isCanary: true);
        if (errno == Throws)
            subject.Faults.ThrowOnNth(op, seed);
        else
            subject.Faults.OnNth(op, op == SimOp.CreateProbe ? 1 : seed, errno);
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        Assert.Empty(run.Kernel.Leaks);
    });

    [Fact]
    public void A_cancel_does_not_wait_for_the_canary() => Seeds.Each(0, 60, seed =>
    {
        SimCase subject = Subject(1, isCanary: true);
        SimRun run = SimRun.Of(subject, cancelAt: seed);
        Assert.True(run.Committed.Receipt.Status is BundleStatus.Cancelled or BundleStatus.Complete);
        Assert.Empty(run.Kernel.Leaks);
    });

    // Attributes accept constants only.
    private const int NotSupported = 95;
    private const int InputOutput = 5;
    private const int TryAgain = 11;
    private const int Throws = -1;

    private static SimCase Subject(int seed, bool isCanary = false)
    {
        SimCase subject =
            new(seed)
            {
                Settings =
            new CopySettings { BudgetBytes = 2 << 20, ReaderThreads = 1, WriterThreads = 1, Canary = isCanary }
            };
        // Small files make the most calls, and a call takes a simulated millisecond.
        for (int i = 0; i < 160; i++)
            subject.AddFile($"heap-{i}", SimContent.Dense(seed + i, 9000));
        return subject;
    }
}
