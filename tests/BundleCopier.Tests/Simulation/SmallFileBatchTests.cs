using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>Small files travel in batches. What happens to one is what would have happened to it alone.</summary>
[Collection(SimulationCollection.Name)]
public sealed class SmallFileBatchTests
{
    private const int Files = 150;
    private const string Victim = "ring-77";

    public enum Mishap
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

    public static TheoryData<Mishap> Mishaps => [.. Enum.GetValues<Mishap>()];

    [Theory]
    [MemberData(nameof(Mishaps))]
    public void A_file_fares_in_a_crowd_as_it_does_alone(Mishap mishap) => Seeds.Each(1, 8, seed =>
    {
        SimRun alone = SimRun.Of(With(mishap, Crowd(seed, 77, 1)));
        SimRun crowd = SimRun.Of(With(mishap, Crowd(seed, 0, Files)));
        BundleCheck.Honest(alone);
        BundleCheck.Honest(crowd);
        Assert.Equal(0, alone.Kernel.QueuedWrites);
        Assert.Equal(crowd.Kernel.OverlapsWrites, crowd.Kernel.QueuedWrites > Files / 2);
        Assert.Equal(Line(alone), Line(crowd));
        Assert.All(
            crowd.Committed.Receipt.Files, f =>
            Assert.True(f.Name == Victim || f is { Status: FileStatus.Copied, Stable: true }));
    });

    [Theory]
    [InlineData(SimOp.Read)]
    [InlineData(SimOp.Write)]
    public void A_worker_that_dies_with_a_batch_costs_nothing(SimOp op) => Seeds.Each(1, 20, seed =>
    {
        SimCase subject = Crowd(seed, 0, Files);
        subject.Faults.ThrowOnNth(op, 1 + (seed * 7 % Files));
        BundleCheck.Complete(SimRun.Of(subject));
        Assert.True(subject.Faults.HasStruck);
    });

    [Theory]
    [InlineData(SimOp.Read)]
    [InlineData(SimOp.Write)]
    public void A_file_that_kills_every_worker_is_missing_alone(SimOp op) => Seeds.Each(1, 10, seed =>
    {
        SimCase subject = Crowd(seed, 0, Files);
        subject.Faults.Hook = (at, name, _) => at == op && IsVictim(name) ? -1 : 0;
        SimRun run = SimRun.Of(subject);
        BundleCheck.Honest(run);
        ReceiptFile lost = Assert.Single(run.Committed.Receipt.Files, f => f.Error is not null);
        Assert.Equal((Victim, "WORKER_DIED"), (lost.Name, lost.Error?.Code));
    });

    [Fact]
    public void What_a_dead_writer_left_of_a_batch_is_gone_when_the_source_is_empty_by_then() =>
        Seeds.Each(1, 10, seed =>
    {
        SimCase subject = Crowd(seed, 0, Files);
        SimSource source = subject.Kernel.Sources[$"/dev/shm/{Victim}"];
        bool isWritten = false;
        subject.Faults.Hook = (at, name, _) =>
        {
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
        BundleCheck.Honest(run);
        Assert.True(subject.Faults.HasThrown);
        SimFolder bundle = (SimFolder)run.Kernel.Destination.Children[SimCase.Bundle];
        Assert.Empty(((SimFile)bundle.Find($"files/{Victim}")!).Pages.Present);
    });

    [Fact]
    public void What_is_not_small_goes_its_own_way_among_the_small() => Seeds.Each(1, 10, seed =>
    {
        SimCase subject = Crowd(seed, 0, Files);
        for (int i = 0; i < 20; i++)
            subject.AddFile($"heap-{i}", SimContent.Dense(seed + i, 100_000));
        BundleCheck.Complete(SimRun.Of(subject));
    });

    [Fact]
    public void Whenever_a_crowd_is_cancelled_it_ends_and_what_it_says_is_true()
    {
        int steps = SimRun.Of(Crowd(1, 0, 100)).Steps;
        for (int step = 0; step <= steps + 1; step++)
        {
            SimRun run = SimRun.Of(Crowd(1, 0, 100), cancelAt: step);
            BundleCheck.Honest(run);
            Assert.True(run.Committed.Receipt.Status is BundleStatus.Cancelled or BundleStatus.Complete);
        }
    }

    [Fact]
    public void A_crowd_in_a_failing_and_changing_world_is_copied_honestly() => Seeds.Each(50_000, 150, seed =>
    {
        SimCase subject = SimDraw.Restless(seed);
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
        BundleCheck.Honest(SimRun.Of(subject, cancelAt: seed % 5 == 0 ? random.Next(100) : -1));
    });

    private static bool IsVictim(string name) => name.EndsWith(Victim, StringComparison.Ordinal);

    // Everything that the receipt says of the file, but for when it was changed.
    private static string Line(SimRun run)
    {
        ReceiptFile file = run.Committed.Receipt.Files.Single(f => f.Name == Victim);
        return $"{file with { Ranges = [], SourceMetadata = null }} {string.Join(',', file.Ranges)} "
            + $"{file.SourceMetadata is null}";
    }

    private static SimCase With(Mishap mishap, SimCase subject)
    {
        SimSource source = subject.Kernel.Sources[$"/dev/shm/{Victim}"];
        int hits = 0;
        subject.Faults.Hook = (op, name, _) => !IsVictim(name) ? 0 : (mishap, op) switch
        {
            (Mishap.CannotBeOpened, SimOp.OpenSource) => EACCES,
            (Mishap.CannotBeRead, SimOp.Read) => EIO,
            (Mishap.CannotBeCreated, SimOp.CreateFile) => EMFILE,
            (Mishap.CannotBeWritten, SimOp.Write) => EIO,
            (Mishap.WriteFailsOnce, SimOp.Write) => hits++ == 0 ? EIO : 0,
            (Mishap.DiskIsFull, SimOp.Write) => ENOSPC,
            (Mishap.CannotBeFinished, SimOp.Settle) => EIO,
            (Mishap.ShrinksBeforeItIsRead, SimOp.Read) => Change(3000),
            (Mishap.IsEmptiedBeforeItIsRead, SimOp.Read) => Change(0),
            (Mishap.GrowsWhileItIsWritten, SimOp.Write) => Change(9000),
            (Mishap.VanishesWhileItIsWritten, SimOp.Write) => Vanish(),
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

    private static SimCase Crowd(int seed, int first, int count)
    {
        SimCase subject = new(seed) { Settings = new CopySettings { BudgetBytes = (2 + (seed % 4)) << 20 } };
        for (int i = first; i < first + count; i++)
            subject.AddFile(
                $"ring-{i}", SimContent.Dense(i, i == 77 ? 5000 : 1 + (((seed * 31) + (i * 977)) % 20_000)));
        return subject;
    }
}
