using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Tests.Elf;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Sources that are read in order from an open descriptor.</summary>
public sealed class StreamTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(MiB)]
    [InlineData(MiB + 1)]
    [InlineData((9 * MiB) + 12345)]
    public void A_stream_is_saved_to_its_end_whatever_its_length(int length)
    {
        foreach (Compression compression in (Compression[])[Compression.None, Compression.Lz4, Compression.Auto])
        {
            for (int seed = 1; seed <= 4; seed++)
            {
                SimCase subject = Subject(seed, compression);
                subject.AddStream("core", SimContent.Dense(seed, length));
                SimRun run = SimRun.Of(subject);
                BundleCheck.ReceiptIsTrue(run);
                ReceiptFile file = run.Committed.Receipt.Files[0];
                Assert.Equal((FileStatus.Copied, (long)length, true), (file.Status, file.SizeBytes, file.Stable));
            }
        }
    }

    [Fact]
    public void Zeros_of_a_stream_become_holes()
    {
        SimCase subject = Subject(1, Compression.None);
        SimPages pages = SimContent.Dense(1, MiB);
        pages.SetLength(5 * MiB);
        subject.AddStream("core", pages);
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        Assert.Equal((5L * MiB, (long)MiB), (
            run.Committed.Receipt.Files[0].SizeBytes, run.Committed.Receipt.Files[0].WrittenBytes));
    }

    [Fact]
    public void Reads_of_any_length_and_errors_leave_a_true_receipt() => Seeds.Each(181_000, 150, seed =>
    {
        Random random = new(seed);
        SimCase subject = Subject(seed, (Compression)random.Next(3));
        subject.Faults.ShortReads = 0.5;
        subject.AddFile("heap", SimContent.Dense(~seed, random.Next(3 * MiB)));
        subject.AddStream("core", SimContent.Dense(seed, random.Next(6 * MiB)));
        if (random.Next(3) == 0)
            subject.Faults.OnNth(SimOp.Read, random.Next(1, 12), Tmds.Linux.LibC.EIO);
        BundleCheck.ReceiptIsTrue(SimRun.Of(subject));
    });

    [Fact]
    public void A_copy_of_a_stream_that_is_cancelled_at_any_step_keeps_what_was_read()
    {
        for (int seed = 1; seed <= 2; seed++)
        {
            SimCase whole = Cancelled(seed);
            int steps = SimRun.Of(whole).Steps;
            bool wasCut = false;
            for (int step = 0; step <= steps; step += 1 + (step / 40))
            {
                SimRun run = SimRun.Of(Cancelled(seed), cancelAt: step);
                BundleCheck.ReceiptIsTrue(run);
                wasCut |= run.Committed.Receipt.Files[0] is { Status: FileStatus.Partial, SizeBytes: > 0 };
            }

            Assert.True(wasCut, "No cancel came in the middle of the stream.");
        }
    }

    [Fact]
    public void A_worker_that_dies_costs_the_rest_of_a_stream_and_nothing_else() => Seeds.Each(182_000, 60, seed =>
    {
        Random random = new(seed);
        SimCase subject = Subject(seed, (Compression)random.Next(3));
        subject.AddStream("core", SimContent.Dense(seed, 6 * MiB));
        subject.AddFile("heap", SimContent.Dense(~seed, 3 * MiB));
        subject.Faults.ThrowOnNth(SimOp.Write, random.Next(1, 6));
        SimRun run = SimRun.Of(subject);
        BundleCheck.Holds(run);
        if (run.Result is CopyResult.Committed committed)
            Assert.Equal(FileStatus.Copied, committed.Receipt.Files[1].Status);
    });

    [Fact]
    public void A_stream_whose_writer_stops_is_partial_after_the_stall_timeout_and_others_are_whole()
    {
        SimCase subject = Subject(1, Compression.None);
        subject.AddStream("core", SimContent.Dense(1, 6 * MiB)).SilentFrom = (2 * MiB) + 777;
        subject.AddFile("heap", SimContent.Dense(2, 5 * MiB));
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        ReceiptFile core = run.Committed.Receipt.Files[0];
        Assert.Equal(("NO_ANSWER", FileStatus.Partial), (core.Error!.Code, core.Status));
        Assert.Equal([new ByteRange(0, (2 * MiB) + 777)], core.Ranges);
        Assert.Equal(FileStatus.Copied, run.Committed.Receipt.Files[1].Status);
    }

    [Fact]
    public void A_full_disk_leaves_the_start_of_a_stream()
    {
        foreach (Compression compression in (Compression[])[Compression.None, Compression.Lz4])
        {
            SimCase subject = Subject(3, compression);
            subject.AddStream("core", SimContent.Dense(1, 9 * MiB));
            subject.Kernel.SpaceBytes = 4 * MiB;
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            ReceiptFile core = run.Committed.Receipt.Files[0];
            Assert.Equal(("ENOSPC", FileStatus.Partial), (core.Error!.Code, core.Status));
            Assert.InRange(core.DataBytes, MiB, 4 * MiB);
        }
    }

    [Fact]
    public void A_core_that_was_cut_has_the_size_that_its_headers_give()
    {
        byte[] whole = new CoreFile().ToArray();
        foreach (int missing in (int[])[0, 100, whole.Length - 70, whole.Length])
        {
            SimCase subject = Subject(1, Compression.None);
            subject.AddStream("core", Pages(whole[..^missing]), new CoreFacts { Pid = 12, Executable = "/bin/x\n" });
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            ReceiptFile file = run.Committed.Receipt.Files[0];
            bool hasHeaders = missing <= 100;
            Assert.Equal(
                new ReceiptCore(
                    missing == 0, hasHeaders ? whole.Length : null, hasHeaders ? CoreFile.Signal : null, 12,
                    "/bin/x\\u000a"),
                file.Core);
            Assert.Equal(missing == 0 ? null : "CORE_CUT", file.Error?.Code);
            Assert.Equal(hasHeaders ? whole.Length : whole.Length - missing, file.SizeBytes);
            Assert.Equal(whole.Length - missing, file.Ranges.Sum(static r => r.Length));
        }
    }

    private static SimPages Pages(byte[] bytes)
    {
        SimPages pages = new();
        pages.SetLength(bytes.Length);
        pages.Write(0, bytes);
        return pages;
    }

    private static SimCase Subject(int seed, Compression compression) => new(seed)
    {
        Settings = new CopySettings { BudgetBytes = 4 << 20, Compression = compression },
    };

    private static SimCase Cancelled(int seed)
    {
        SimCase subject = Subject(seed, seed == 1 ? Compression.None : Compression.Lz4);
        subject.AddStream("core", SimContent.Dense(seed, (4 * MiB) + 99));
        return subject;
    }
}
