using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Bugs in the calls of all actors: at most a segment is missing, or nothing is committed.</summary>
public sealed class DyingWorkerTests
{
    private const long Segment = 1 << 20;

    private static readonly SimOp[] OfOwners =
    [
        SimOp.OpenSource, SimOp.OpenDirectory, SimOp.CreateDirectory, SimOp.CreateFile, SimOp.Probe, SimOp.Rename,
        SimOp.Lock, SimOp.SyncDirectory, SimOp.ProbeOutputIo, SimOp.SetLength, SimOp.Reserve, SimOp.Settle, SimOp.Sync,
    ];

    [Theory]
    [InlineData(SimOp.Read)]
    [InlineData(SimOp.Write)]
    [InlineData(SimOp.SeekHole)]
    [InlineData(SimOp.ReadBack)]
    [InlineData(SimOp.Map)]
    public void After_a_worker_died_once_nothing_is_missing(SimOp op) => Seeds.Each(1, 12, seed =>
    {
        SimCase subject =
            Dense(seed, op is SimOp.Map or SimOp.ReadBack or SimOp.SeekHole ? ReadMode.Map : ReadMode.Slab,
            zeroDetection: op != SimOp.SeekHole);
        subject.Faults.ThrowOnNth(op, op == SimOp.SeekHole ? 1 : 1 + (seed % 3));
        subject.Kernel.TellsWritten = op != SimOp.SeekHole;
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        Assert.True(subject.Faults.HasStruck);
    });

    [Theory]
    [InlineData(SimOp.Read)]
    [InlineData(SimOp.Write)]
    public void Only_the_segment_that_kills_every_worker_is_missing(SimOp op) => Seeds.Each(1, 40, seed =>
    {
        SimCase subject = Dense(seed, ReadMode.Slab);
        subject.Faults.Hook = (at, name, offset) =>
            at == op && name.Contains("heap-0", StringComparison.Ordinal) && offset / Segment == 1 ? -1 : 0;
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        ReceiptFile[] files = [.. run.Committed.Receipt.Files];
        Assert.Equal([(0, Segment), (2 * Segment, 2 * Segment)], files[0].Ranges.Select(r => (r.Offset, r.Length)));
        Assert.Equal("WORKER_DIED", files[0].Error?.Code);
        Assert.Equal(FileStatus.Copied, files[1].Status);
    });

    [Fact]
    public void Bytes_of_a_dead_writer_are_removed_when_the_source_has_become_empty() => Seeds.Each(1, 10, seed =>
    {
        SimCase subject = new(seed) { Settings = new CopySettings { ReaderMode = ReadMode.Slab } };
        SimPages pages = SimContent.Dense(seed, Segment);
        pages.Drop(100);
        SimSource source = subject.AddFile("heap", pages);
        subject.Faults.Hook = (at, _, _) =>
        {
            if (at != SimOp.Write || subject.Faults.CountOf(at) != 2)
                return 0;
            source.Change(subject.Kernel, cut => cut.SetLength(0));
            source.Change(subject.Kernel, cut => cut.SetLength(Segment));
            return -1;
        };
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        SimFolder bundle = (SimFolder)run.Kernel.Destination.Children[SimCase.Bundle];
        Assert.Empty(((SimFile)bundle.Find("files/heap")!).Pages.Present);
        Assert.False(run.Committed.Receipt.Files[0].Stable);
    });

    [Fact]
    public void Workers_that_always_die_end_the_copy() => Seeds.Each(1, 10, seed =>
    {
        SimCase subject = new(seed) { Settings = new CopySettings { ReaderMode = ReadMode.Slab } };
        for (int i = 0; i < 120; i++)
            subject.AddFile($"heap-{i}", SimContent.Dense(seed + i, 5000));
        subject.Faults.Hook = (at, _, _) => at == SimOp.Read ? -1 : 0;
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        Assert.Equal(BundleStatus.Partial, run.Committed.Receipt.Status);
        Assert.All(run.Committed.Receipt.Files, f => Assert.Null(f.Output));
    });

    [Fact]
    public void When_the_scout_or_the_keeper_dies_nothing_is_committed() =>
        Seeds.Each(1, 2 * OfOwners.Length, seed =>
    {
        SimOp op = OfOwners[seed % OfOwners.Length];
        for (int nth = 1; ; nth++)
        {
            SimCase subject = Dense(seed, ReadMode.Slab);
            subject.Faults.ThrowOnNth(op, nth);
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrueAfterBug(run);
            // Descriptors that were just opened at the time of the bug are left to their finalizers; memory is not.
            Assert.DoesNotContain(run.Kernel.Leaks, l => l.StartsWith(nameof(SimSlab), StringComparison.Ordinal));
            if (!subject.Faults.HasStruck)
                break;
            Assert.Equal(RefusalKind.Internal, run.Refused.Refusal.Kind);
        }
    });

    private static SimCase Dense(int seed, ReadMode mode, bool zeroDetection = true)
    {
        SimCase subject = new(seed)
        {
            Settings = new CopySettings
            {
                BudgetBytes = (2 + (seed % 3)) << 20,
                ReaderMode = mode,
                ZeroDetection = zeroDetection,
                ReaderThreads = 1 + (seed % 2),
                WriterThreads = 1 + (seed / 2 % 2),
                GovernorProfile = (GovernorProfile)(seed % 3),
            },
        };
        subject.AddFile("heap-0", SimContent.Dense(seed, 4 * Segment));
        subject.AddFile("heap-1", SimContent.Dense(~seed, (2 * Segment) + 77));
        return subject;
    }
}
