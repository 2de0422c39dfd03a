using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>Small files are copied in batches. Each has the same result as if it were alone.</summary>
public sealed class SmallFileBatchTests
{
    private const int Files = 150;
    private const string Victim = "ring-77";

    public enum FileFault
    {
        None,
        CannotBeOpened,
        CannotBeRead,
        CannotBeCreated,
        CannotBeWritten,
        WriteFailsOnce,
        DiskIsFull,
        CannotBeFinished,
        ShrinksBeforeItIsRead,
        IsEmptiedBeforeItIsRead,
        GrowsWhileItIsWritten,
        VanishesWhileItIsWritten,
    }

    public static TheoryData<FileFault> FileFaults => [.. Enum.GetValues<FileFault>()];

    [Theory]
    [MemberData(nameof(FileFaults))]
    public void A_file_in_a_batch_has_the_same_result_as_a_file_alone(FileFault fault) => Seeds.Each(1, 8, seed =>
    {
        SimRun alone = SimRun.Of(With(fault, ManyFiles(seed, 77, 1)));
        SimRun many = SimRun.Of(With(fault, ManyFiles(seed, 0, Files)));
        BundleCheck.ReceiptIsTrue(alone);
        BundleCheck.ReceiptIsTrue(many);
        Assert.Equal(0, alone.Kernel.QueuedWrites);
        Assert.Equal(many.Kernel.OverlapsWrites, many.Kernel.QueuedWrites > Files / 2);
        Assert.Equal(Line(alone), Line(many));
        Assert.All(
            many.Committed.Receipt.Files, f =>
            Assert.True(f.Name == Victim || f is { Status: FileStatus.Copied, Stable: true }));
    });

    [Theory]
    [InlineData(SimOp.Read)]
    [InlineData(SimOp.Write)]
    public void After_a_worker_died_with_a_batch_nothing_is_missing(SimOp op) => Seeds.Each(1, 20, seed =>
    {
        SimCase subject = ManyFiles(seed, 0, Files);
        subject.Faults.ThrowOnNth(op, 1 + (seed * 7 % Files));
        BundleCheck.Complete(SimRun.Of(subject));
        Assert.True(subject.Faults.HasStruck);
    });

    [Theory]
    [InlineData(SimOp.Read)]
    [InlineData(SimOp.Write)]
    public void Only_the_file_that_kills_every_worker_is_missing(SimOp op) => Seeds.Each(1, 10, seed =>
    {
        SimCase subject = ManyFiles(seed, 0, Files);
        subject.Faults.Hook = (at, name, _) => at == op && IsVictim(name) ? -1 : 0;
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        ReceiptFile lost = Assert.Single(run.Committed.Receipt.Files, f => f.Error is not null);
        Assert.Equal((Victim, "WORKER_DIED"), (lost.Name, lost.Error?.Code));
    });

    [Fact]
    public void Bytes_of_a_batch_of_a_dead_writer_are_removed_when_the_source_has_become_empty()
    {
        int seeds = 0;
        int recalled = 0;
        Seeds.Each(1, 20, seed =>
        {
            seeds++;
            SimCase subject = ManyFiles(seed, 0, Files);
            SimSource source = subject.Kernel.Sources[$"/dev/shm/{Victim}"];
            bool isWritten = false;
            bool isSentAgain = false;
            subject.Faults.Hook = (at, name, _) =>
            {
                isSentAgain |= subject.Faults.HasThrown && IsVictim(name) && at == SimOp.PunchHole;
                if (at != SimOp.Write || subject.Faults.HasThrown)
                    return 0;
                if (isWritten && !IsVictim(name))
                {
                    source.Change(subject.Kernel, cut => cut.SetLength(0));
                    source.Change(subject.Kernel, cut => cut.SetLength(5000));
                    return -1;
                }

                isWritten |= IsVictim(name);
                return 0;
            };
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            Assert.True(subject.Faults.HasThrown);
            // A victim that had settled before the writer died keeps its bytes, which were right when they were read.
            if (!isSentAgain)
                return;
            recalled++;
            SimFolder bundle = (SimFolder)run.Kernel.Destination.Children[SimCase.Bundle];
            Assert.Empty(((SimFile)bundle.Find($"files/{Victim}")!).Pages.Present);
        });
        // One seed alone, as a repeated failure runs it, may be one of those.
        Assert.InRange(recalled, seeds / 4, seeds);
    }

    [Fact]
    public void Larger_files_between_small_ones_are_not_batched() => Seeds.Each(1, 10, seed =>
    {
        SimCase subject = ManyFiles(seed, 0, Files);
        for (int i = 0; i < 20; i++)
            subject.AddFile($"heap-{i}", SimContent.Dense(seed + i, 100_000));
        BundleCheck.Complete(SimRun.Of(subject));
    });

    [Fact]
    public void A_copy_of_many_small_files_that_is_cancelled_at_any_step_ends_with_a_true_receipt()
    {
        int steps = SimRun.Of(ManyFiles(1, 0, 100)).Steps;
        for (int step = 0; step <= steps + 1; step++)
        {
            SimRun run = SimRun.Of(ManyFiles(1, 0, 100), cancelAt: step);
            BundleCheck.ReceiptIsTrue(run);
            Assert.True(run.Committed.Receipt.Status is BundleStatus.Cancelled or BundleStatus.Complete);
        }
    }

    [Fact]
    public void The_receipt_of_many_small_files_is_true_despite_faults_and_changing_sources() =>
        Seeds.Each(50_000, 150, seed =>
    {
        SimCase subject = SimDraw.WithChangingSources(seed);
        Random random = new(seed);
        int call = 0;
        for (int i = 0; i < 60; i++)
        {
            SimSource source = subject.AddFile($"ring-{i}", SimContent.Dense(seed + i, 1 + random.Next(20_000)));
            long length = source.Pages.Length;
            call += random.Next(30);
            switch (random.Next(8))
            {
                case 0:
                    subject.Kernel.At(call, () => source.Change(subject.Kernel, pages => pages.SetLength(length / 2)));
                    break;
                case 1:
                    subject.Kernel.At(call, () => source.Change(subject.Kernel, pages => pages.SetLength(length + 77)));
                    break;
                case 2:
                    subject.Kernel.At(call, source.Vanish);
                    break;
            }
        }

        if (seed % 3 == 0)
            subject.Faults.ThrowOnNth(seed % 2 == 0 ? SimOp.Read : SimOp.Write, 1 + random.Next(60));
        BundleCheck.Holds(SimRun.Of(subject, cancelAt: seed % 5 == 0 ? random.Next(100) : -1));
    });

    private static bool IsVictim(string name) => name.EndsWith(Victim, StringComparison.Ordinal);

    // The entry of the file in the receipt, without its times.
    private static string Line(SimRun run)
    {
        ReceiptFile file = run.Committed.Receipt.Files.Single(f => f.Name == Victim);
        return $"{file with { Ranges = [], SourceMetadata = null }} {string.Join(',', file.Ranges)} "
            + $"{file.SourceMetadata is null}";
    }

    private static SimCase With(FileFault fault, SimCase subject)
    {
        SimSource source = subject.Kernel.Sources[$"/dev/shm/{Victim}"];
        int hits = 0;
        subject.Faults.Hook = (op, name, _) => !IsVictim(name) ? 0 : (fault, op) switch
        {
            (FileFault.CannotBeOpened, SimOp.OpenSource) => EACCES,
            (FileFault.CannotBeRead, SimOp.Read) => EIO,
            (FileFault.CannotBeCreated, SimOp.CreateFile) => EMFILE,
            (FileFault.CannotBeWritten, SimOp.Write) => EIO,
            (FileFault.WriteFailsOnce, SimOp.Write) => hits++ == 0 ? EIO : 0,
            (FileFault.DiskIsFull, SimOp.Write) => ENOSPC,
            (FileFault.CannotBeFinished, SimOp.Settle) => EIO,
            (FileFault.ShrinksBeforeItIsRead, SimOp.Read) => Change(3000),
            (FileFault.IsEmptiedBeforeItIsRead, SimOp.Read) => Change(0),
            (FileFault.GrowsWhileItIsWritten, SimOp.Write) => Change(9000),
            (FileFault.VanishesWhileItIsWritten, SimOp.Write) => Vanish(),
            _ => 0,
        };
        return subject;

        int Change(long length)
        {
            source.Change(subject.Kernel, pages => pages.SetLength(length));
            return 0;
        }

        int Vanish()
        {
            source.Vanish();
            return 0;
        }
    }

    private static SimCase ManyFiles(int seed, int first, int count)
    {
        SimCase subject = new(seed) { Settings = new CopySettings { BudgetBytes = (2 + (seed % 4)) << 20 } };
        for (int i = first; i < first + count; i++)
            subject.AddFile(
                $"ring-{i}", SimContent.Dense(i, i == 77 ? 5000 : 1 + (((seed * 31) + (i * 977)) % 20_000)));
        return subject;
    }
}
