using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>A copy is killed; the next one goes on, and is stopped or runs out of time, space or luck.</summary>
public sealed class ResumeStopTests
{
    private const int MiB = 1 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void Stopped_at_any_step_a_resumed_copy_loses_nothing_that_was_saved(Compression compression)
    {
        SimRun whole = SimRun.Of(Killed(compression));
        long savedBytes = whole.Committed.Receipt.Resources.KeptBytes!.Value;
        (int left, int committed) = (0, 0);
        for (int step = 0; step <= whole.Steps; step += 1 + (whole.Steps / 40))
        {
            SimCase subject = Killed(compression);
            SimRun run = SimRun.Of(subject, cancelAt: step);
            BundleCheck.ReceiptIsTrue(run);
            if (run.Result is CopyResult.Committed)
            {
                committed++;
                Assert.True(run.Committed.Receipt.Files.Sum(static f => f.WrittenBytes) >= savedBytes, $"step {step}");
                continue;
            }

            left++;
            Assert.Equal(RefusalKind.Stopped, run.Refused.Refusal.Kind);
            Assert.Contains("the same command goes on", run.Refused.Refusal.Message, StringComparison.Ordinal);
            SimRun last = SimRun.Of(subject.Again((SimFolder)subject.Kernel.Destination.AfterKill()));
            BundleCheck.Complete(last);
            long keptBytes = last.Committed.Receipt.Resources.KeptBytes!.Value;
            Assert.True(keptBytes >= savedBytes, $"step {step}: {keptBytes} of {savedBytes} bytes are left");
        }

        Assert.True(left > 0 && committed > 0, $"{left} runs were left as they were, {committed} committed");
    }

    [Fact]
    public void A_deadline_that_passes_before_everything_is_compared_commits_and_tells_what_is_dropped()
    {
        bool wasDropped = false;
        for (int passesMs = 0; passesMs < 120; passesMs += 6)
        {
            SimCase subject = Killed(Compression.None);
            subject.Settings = subject.Settings with
            {
                Deadline = Deadline,
                DeadlineSpent = Deadline - TimeSpan.FromMilliseconds(passesMs),
            };
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            wasDropped |= run.Committed.Receipt.Resources.DroppedBytes > 0;
        }

        Assert.True(wasDropped, "No deadline passed in time.");
    }

    [Fact]
    public void After_a_restart_of_the_machine_a_second_kill_costs_no_compressed_file()
    {
        SimCase second = Killed(Compression.Lz4);
        second.Kernel.BootId = "boot 2";
        SimCase third = second.Again(Kill(second, call: 130));
        third.Kernel.BootId = "boot 2";
        SimRun run = SimRun.Of(third);
        BundleCheck.Complete(run);
        Assert.True(run.Committed.Receipt.Resources.KeptBytes > MiB);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_saved_of_sources_that_are_all_gone_is_not_given_up_for_a_bundle_without_data(bool byPattern)
    {
        SimCase again = Killed(Compression.None, byPattern);
        foreach (string path in again.Kernel.Sources.Keys.ToArray())
            again.Kernel.Sources.Remove(path);
        SimRun run = SimRun.Of(again);
        BundleCheck.ReceiptIsTrue(run);
        Assert.Equal(RefusalKind.NotCommitted, run.Refused.Refusal.Kind);
        Assert.Contains("remove that directory", run.Refused.Refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(again.Kernel.Destination.Find($".{SimCase.Bundle}.partial/files/heap-0"));
        Assert.NotNull(again.Kernel.Destination.Find($".{SimCase.Bundle}.partial/journal"));
    }

    [Theory]
    [InlineData(5, null)] // EIO
    [InlineData(2, null)] // ENOENT
    [InlineData(5, 9_000)] // EIO
    public void What_was_saved_of_files_that_a_pattern_does_not_find_again_stays_or_is_told(int error, int? otherBytes)
    {
        SimCase again = Killed(Compression.None, byPattern: true);
        again.Faults.Hook = (op, _, _) => op == SimOp.ListNames ? error : 0;
        if (otherBytes is { } bytes)
            again.AddFile("other", SimContent.Dense(9, bytes));
        SimRun run = SimRun.Of(again);
        BundleCheck.ReceiptIsTrue(run);
        if (otherBytes is null)
        {
            Assert.Contains("stay in", run.Refused.Refusal.Message, StringComparison.Ordinal);
            Assert.NotNull(again.Kernel.Destination.Find($".{SimCase.Bundle}.partial/files/heap-0"));
            return;
        }

        Assert.True(run.Committed.Receipt.Resources.DroppedBytes >= MiB);
    }

    [Fact]
    public void A_file_whose_earlier_output_can_neither_be_opened_nor_removed_says_so()
    {
        SimCase again = Killed(Compression.None);
        again.AddFile("other", SimContent.Dense(9, 9_000));
        again.Faults.Hook = (op, name, _) => op is SimOp.OpenFile or SimOp.RemoveTree
            && name.EndsWith("/files", StringComparison.Ordinal) ? 1 : 0; // EPERM, as for an immutable file
        SimRun run = SimRun.Of(again);
        BundleCheck.ReceiptIsTrue(run);
        ReceiptFile failed = run.Committed.Receipt.Files.First(static file => file.Name == "heap-0");
        Assert.Equal((FileStatus.Failed, "EPERM"), (failed.Status, failed.Error!.Code));
        Assert.Contains("What an earlier copy left", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_saved_of_the_files_of_a_pattern_stays_where_a_copy_is_stopped_before_they_are_listed()
    {
        SimCase again = Killed(Compression.None, byPattern: true);
        SimRun run = SimRun.Of(again, cancelAt: 0);
        BundleCheck.ReceiptIsTrue(run);
        Assert.Equal(RefusalKind.Stopped, run.Refused.Refusal.Kind);
        Assert.NotNull(again.Kernel.Destination.Find($".{SimCase.Bundle}.partial/files/heap-0"));
    }

    [Fact]
    public void What_is_written_again_does_not_count_as_kept()
    {
        SimCase again = Killed(Compression.None);
        foreach (SimSource source in again.Kernel.Sources.Values)
        {
            // By a mapping, without a trace in the times of the file.
            for (long page = 0; page < source.Pages.Length / 4096; page += MiB / 4096)
                source.Pages.Put(page, SimContent.Dense((int)page + 900, 4096).Page(0).ToArray());
        }

        SimRun run = SimRun.Of(again);
        BundleCheck.Complete(run);
        Assert.Null(run.Committed.Receipt.Resources.KeptBytes);
    }

    [Fact]
    public void Compress_when_full_counts_what_an_earlier_run_has_on_disk()
    {
        long keptBytes = 0;
        for (int call = 60; call <= 200 && keptBytes == 0; call += 20)
        {
            SimCase first = Zebra();
            SimRun run = SimRun.Of(first.Again(Kill(first, call), spaceBytes: first.Kernel.SpaceBytes));
            BundleCheck.Complete(run);
            keptBytes = run.Committed.Receipt.Resources.KeptBytes ?? 0;
            Assert.All(run.Committed.Receipt.Files, static f => Assert.Equal(OutputCompression.None, f.Compression));
        }

        Assert.NotEqual(0, keptBytes);
    }

    [Fact]
    public void The_space_of_a_stale_output_is_measured_again_after_it_was_removed()
    {
        SimCase first = new(8) { Settings = new CopySettings { BudgetBytes = 4 * MiB } };
        first.AddFile("heap", SimContent.Dense(1, 8 * MiB));
        SimCase again = first.Again(Kill(first, call: 120), spaceBytes: 14 * MiB);
        again.Settings = again.Settings with { DestinationKeepFree = DiskAmount.OfBytes(4 * MiB) };
        again.Kernel.Sources.Values.Single().Inode = 2;
        BundleCheck.Complete(SimRun.Of(again));
    }

    [Theory]
    [InlineData(5_000, false)]
    [InlineData(50_000, true)]
    public void A_partial_bundle_replaces_an_old_one_only_if_it_has_as_much_data(int bytes, bool replaces)
    {
        SimFolder disk = SimCase.DiskWithBundle();
        SimNode old = disk.Children[SimCase.Bundle];
        SimCase subject = new(3)
        {
            Settings = new CopySettings { BudgetBytes = 4 * MiB, Replace = true },
            Disk = disk,
        };
        subject.AddFile("heap", SimContent.Dense(4, bytes));
        subject.Request(new ManifestFile("/dev/shm/gone"));
        SimRun run = SimRun.Of(subject);
        Assert.Equal(BundleStatus.Partial, run.Committed.Receipt.Status);
        if (replaces)
        {
            Assert.NotSame(old, disk.Children[SimCase.Bundle]);
            return;
        }

        Assert.Same(old, disk.Children[SimCase.Bundle]);
        Assert.Equal([SimCase.Bundle, $"{SimCase.Bundle}.1"], disk.Children.Keys.Order(StringComparer.Ordinal));
        BundleReceipt receipt = run.Committed.Receipt;
        Assert.Equal(
            ($"{SimCase.Bundle}.1", SimCase.Bundle, 9_300L),
            (receipt.Bundle, receipt.WantedBundle, receipt.WantedBundleDataBytes));
    }

    [Fact]
    public void An_old_bundle_that_stays_for_its_data_does_not_go_for_its_age_in_the_same_run()
    {
        SimFolder disk = SimCase.DiskWithBundle();
        SimCase subject = new(3)
        {
            Settings = new CopySettings
            {
                BudgetBytes = 4 * MiB,
                Replace = true,
                Retention = new RetentionSettings { MaxBundles = 1 },
            },
            Disk = disk,
        };
        subject.AddFile("heap", SimContent.Dense(4, 5_000));
        subject.Request(new ManifestFile("/dev/shm/gone"));
        Assert.Empty(SimRun.Of(subject).Committed.Cleanup.Removed);
        Assert.Equal(2, disk.Children.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Outputs_that_no_file_takes_over_make_room_before_anything_is_copied(bool isWantedByPattern)
    {
        SimCase first = Killed(Compression.None);
        SimFolder disk = first.Kernel.Destination;
        SimCase again = new(8)
        {
            Settings = first.Settings,
            Disk = disk,
        };
        // What the first run has saved has most of this space.
        again.Kernel.SpaceBytes = 14 * MiB;
        again.AddFile("other", SimContent.Dense(9, 9 * MiB));
        if (isWantedByPattern)
            again.Request(new ManifestFile("/dev/shm/heap-*"));
        SimRun run = SimRun.Of(again);
        BundleCheck.ReceiptIsTrue(run);
        ReceiptFile other = run.Committed.Receipt.Files.Single(static f => f.Name == "other");
        // A pattern that finds nothing may find its files again in a later run.
        Assert.Equal(isWantedByPattern ? FileStatus.Partial : FileStatus.Copied, other.Status);
    }

    /// <summary>A copy in the middle of which the first run was killed.</summary>
    private static SimCase Killed(Compression compression, bool byPattern = false)
    {
        SimCase subject = new(8) { Settings = new CopySettings { BudgetBytes = 4 * MiB, Compression = compression } };
        for (int i = 0; i < 3; i++)
        {
            SimPages pages = SimContent.Dense(i, (5 * MiB) - 100);
            if (byPattern)
                subject.Kernel.Add(new SimSource($"/dev/shm/heap-{i}", pages));
            else
                subject.AddFile($"heap-{i}", pages);
        }

        if (byPattern)
            subject.Request(new ManifestFile("/dev/shm/heap-*"));
        return subject.Again(Kill(subject, call: 130));
    }

    private static SimFolder Kill(SimCase subject, int call)
    {
        SimFolder? disk = null;
        subject.Kernel.At(call, () => disk = (SimFolder)subject.Kernel.Destination.AfterKill());
        _ = SimRun.Of(subject);
        return disk!;
    }

    /// <summary>Eight files of 1 MiB whose bytes repeat, and a disk on which they fit, but not twice.</summary>
    private static SimCase Zebra()
    {
        SimCase subject = new(1)
        {
            Settings = new CopySettings { BudgetBytes = 4 * MiB, DestinationWhenFull = WhenFull.Compress },
        };
        byte[] bytes = [.. Enumerable.Range(0, MiB).Select(static at => (byte)(1 + (at / 512 % 200)))];
        for (int i = 0; i < 8; i++)
        {
            SimPages pages = new(MiB);
            pages.Write(0, bytes);
            subject.AddFile($"zebra-{i}", pages);
        }

        subject.Kernel.SpaceBytes = 10 * MiB;
        return subject;
    }
}
