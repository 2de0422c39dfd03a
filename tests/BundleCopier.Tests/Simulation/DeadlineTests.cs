using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>A deadline that passes at any moment of a simulated copy. A call takes a millisecond there.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void Whenever_it_passes_the_ranges_are_exact_the_bytes_are_right_and_the_rest_is_zeros() =>
        Seeds.Each(40_000, 100, seed =>
    {
        SimCase drawn = SimDraw.WithoutFaults(seed);
        SimRun run = RunFor(drawn, new Random(seed).Next(1, 600));
        BundleCheck.ReceiptIsTrue(run);
        BundleReceipt receipt = run.Committed.Receipt;
        Assert.True(receipt.Status is BundleStatus.Complete or BundleStatus.Partial, $"It is {receipt.Status}.");
        foreach (ReceiptFile file in receipt.Files)
        {
            Assert.True(file.Error is null or { Code: "DEADLINE" }, $"{file.Name}: {file.Error?.Message}");
            if (file.Output is not null)
                HasZerosOutsideOfItsRanges(run, file);
        }
    });

    [Fact]
    public void A_deadline_that_passes_while_things_fail_ends_with_a_true_receipt() =>
        Seeds.Each(41_000, 80, static seed =>
            BundleCheck.Holds(RunFor(SimDraw.WithChangingSources(seed), new Random(seed).Next(1, 400))));

    [Theory]
    [InlineData(ReadMode.Slab, Compression.None)]
    [InlineData(ReadMode.Map, Compression.None)]
    [InlineData(ReadMode.Slab, Compression.Lz4)]
    public void It_cuts_a_large_file_in_the_middle(ReadMode mode, Compression compression)
    {
        bool wasCut = false;
        for (int passesMs = 10; passesMs < 200; passesMs += 3)
        {
            SimCase subject = new(passesMs)
            {
                Settings = new CopySettings { BudgetBytes = 4 << 20, ReaderMode = mode, Compression = compression },
            };
            subject.AddFile("heap", SimContent.Dense(1, (9 << 20) + 500));
            SimRun run = RunFor(subject, passesMs);
            BundleCheck.ReceiptIsTrue(run);
            ReceiptFile file = Assert.Single(run.Committed.Receipt.Files);
            wasCut |= file.Status == FileStatus.Partial;
            if (file.Output is not null)
                HasZerosOutsideOfItsRanges(run, file);
        }

        Assert.True(wasCut, "It never passed in the middle of the file.");
    }

    [Fact]
    public void It_does_not_wait_for_the_zeros_behind_the_last_data_of_a_compressed_file()
    {
        int cutFiles = 0;
        for (int passesMs = 20; passesMs < 80; passesMs += 5)
        {
            SimCase subject = new(passesMs)
            {
                Settings = new CopySettings { BudgetBytes = 4 << 20, Compression = Compression.Lz4 },
            };
            SimPages pages = SimContent.Dense(1, 3 << 20);
            pages.SetLength(2L << 30); // whose zeros would be 10 MiB of frames
            subject.AddFile("heap", pages);
            SimRun run = RunFor(subject, passesMs);
            BundleCheck.ReceiptIsTrue(run);
            ReceiptFile file = Assert.Single(run.Committed.Receipt.Files);
            if (file.Status != FileStatus.Partial)
                continue;
            cutFiles++;
            SimFolder bundle = (SimFolder)run.Kernel.Destination.Children[SimCase.Bundle];
            Assert.InRange(((SimFile)bundle.Find(file.Output!)!).Pages.Length, 1, 4 << 20);
        }

        Assert.NotEqual(0, cutFiles);
    }

    [Fact]
    public void One_that_is_over_before_the_copy_begins_commits_a_bundle_without_files()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 5000));
        SimRun run = RunFor(subject, passesMs: 0);
        BundleCheck.ReceiptIsTrue(run);
        BundleReceipt receipt = run.Committed.Receipt;
        Assert.Equal((BundleStatus.Partial, FileStatus.Skipped), (receipt.Status, receipt.Files[0].Status));
        Assert.Equal("the deadline of 30 s has passed", Assert.Single(receipt.Missing!).Reason);
    }

    [Fact]
    public void Files_of_a_higher_priority_are_saved_first()
    {
        const int files = 60;
        const int budgetBytes = 3 << 20;
        bool wasCut = false;
        for (int passesMs = 40; passesMs < 2_000; passesMs += 250)
        {
            SimCase subject = new(passesMs) { Settings = new CopySettings { BudgetBytes = budgetBytes } };
            for (int i = 0; i < files; i++)
            {
                SimSource source = new($"/dev/shm/heap-{i}", SimContent.Dense(i, i % 3 == 0 ? 1 << 20 : 200_000));
                subject.Kernel.Add(source);
                subject.Request(new ManifestFile(source.Path) { Priority = i * 7 % files });
            }

            SimRun run = RunFor(subject, passesMs);
            BundleCheck.ReceiptIsTrue(run);
            ReceiptFile[] byPriority = [.. run.Committed.Receipt.Files
                .OrderByDescending(f => subject.Requests.Single(r => r.Source == f.Source).Priority)];
            int firstCut = Array.FindIndex(byPriority, static f => f.Status != FileStatus.Copied);
            if (firstCut < 0)
                continue;
            wasCut |= firstCut > 0;
            // What was in flight together with the first file that is not whole.
            Assert.InRange(byPriority[(firstCut + 1)..].Sum(static f => f.DataBytes), 0, budgetBytes);
        }

        Assert.True(wasCut, "It never passed between two files.");
    }

    private static SimRun RunFor(SimCase subject, int passesMs)
    {
        subject.Settings = subject.Settings with
        {
            Deadline = Deadline,
            DeadlineSpent = Deadline - TimeSpan.FromMilliseconds(passesMs),
        };
        return SimRun.Of(subject);
    }

    private static void HasZerosOutsideOfItsRanges(SimRun run, ReceiptFile file)
    {
        SimFolder bundle = (SimFolder)run.Kernel.Destination.Children[SimCase.Bundle];
        SimPages output = ((SimFile)bundle.Find(file.Output!)!).Pages;
        SimPages content = file.Compression == OutputCompression.Lz4 ? SimStream.Content(output) : output;
        foreach (long page in content.Present)
        {
            Assert.True(
                BundleCheck.Masked(content, page, file.Ranges).AsSpan().SequenceEqual(content.Page(page)),
                $"{file.Name}: block {page} has bytes outside of the ranges");
        }
    }
}
