using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A copy is killed, or the power is cut, at any call; sources may change meanwhile; then the same command is given
/// again, on what is there.
/// </summary>
public sealed class ResumeTests
{
    private const int FirstSeed = 3_000_000;
    private const int Parts = 4;
    private const int SeedsPerPart = 100;

    public static TheoryData<int> AllParts => [.. Enumerable.Range(0, Seeds.Only is null ? Parts : 1)];

    [Theory]
    [MemberData(nameof(AllParts))]
    public void After_a_kill_at_any_call_the_same_command_makes_a_complete_bundle(int part) =>
        Seeds.EachInParallel(FirstSeed + (part * SeedsPerPart), SeedsPerPart, Check);

    [Theory]
    [InlineData(Compression.None, ReadMode.Slab)]
    [InlineData(Compression.None, ReadMode.Map)]
    [InlineData(Compression.Lz4, ReadMode.Slab)]
    public void What_an_earlier_run_has_written_is_not_written_again(Compression compression, ReadMode mode)
    {
        (SimRun first, SimFolder disk) = Kill(Large(compression, mode), call: 90);
        SimRun second = SimRun.Of(first.Case.Again(disk));
        BundleCheck.Complete(second);
        Assert.True(second.Committed.Receipt.Resumed);
        long kept = second.Committed.Receipt.Resources.KeptBytes!.Value;
        Assert.InRange(kept, 4 << 20, 11 << 20);
        Assert.Equal(first.Committed.Receipt.Files[0].Checksum, second.Committed.Receipt.Files[0].Checksum);
        Assert.Equal(first.Committed.Receipt.Files[0].WrittenBytes, second.Committed.Receipt.Files[0].WrittenBytes);
        Assert.True(second.Committed.Receipt.Files[0].Stable);
        Assert.InRange(
            second.Kernel.Faults.CountOf(SimOp.Write), 1, first.Kernel.Faults.CountOf(SimOp.Write) * 3 / 4);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void What_an_earlier_run_has_saved_stays_when_its_source_cannot_be_read_any_more(Compression compression)
    {
        (SimRun first, SimFolder disk) = Kill(Large(compression, ReadMode.Slab), call: 90);
        SimCase again = first.Case.Again(disk);
        again.Faults.Sometimes(SimOp.Read, 1, Tmds.Linux.LibC.EIO);
        SimRun second = SimRun.Of(again);
        BundleCheck.ReceiptIsTrue(second);
        ReceiptFile file = second.Committed.Receipt.Files[0];
        Assert.Equal((FileStatus.Partial, "EIO", false), (file.Status, file.Error!.Code, file.Stable));
        Assert.InRange(file.Ranges.Sum(static r => r.Length), 4 << 20, 11 << 20);
    }

    [Fact]
    public void A_stream_of_stored_frames_that_was_complete_is_not_cut()
    {
        SimCase subject = Large(Compression.Lz4, ReadMode.Slab);
        subject.AddFile("other", SimContent.Dense(3, 12 << 20));
        (SimRun first, SimFolder disk) = Kill(subject, call: 260);
        SimRun second = SimRun.Of(first.Case.Again(disk));
        BundleCheck.Complete(second);
        Assert.True(second.Committed.Receipt.Resumed);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void A_file_whose_name_is_not_UTF8_goes_on_like_any_other(Compression compression)
    {
        SimCase subject = new(8) { Settings = new CopySettings { BudgetBytes = 4 << 20, Compression = compression } };
        subject.Kernel.Add(new SimSource("/dev/shm/a\udcff\\", SimContent.Dense(1, (12 << 20) - 100)));
        subject.Request(new ManifestFile("/dev/shm/a*"));
        (SimRun first, SimFolder disk) = Kill(subject, call: 90);
        BundleCheck.Complete(first);
        SimRun second = SimRun.Of(first.Case.Again(disk));
        BundleCheck.Complete(second);
        Assert.True(second.Committed.Receipt.Resumed);
        Assert.Equal("a\udcff\\", second.Committed.Receipt.Files.Single().Name);
    }

    [Fact]
    public void A_fresh_start_keeps_nothing()
    {
        (SimRun first, SimFolder disk) = Kill(Large(Compression.None, ReadMode.Slab), call: 90);
        SimCase again = first.Case.Again(disk);
        again.Settings = again.Settings with { StartsFresh = true };
        SimRun second = SimRun.Of(again);
        BundleCheck.Complete(second);
        Assert.Null(second.Committed.Receipt.Resumed);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void A_source_that_another_file_has_replaced_is_copied_from_its_start(Compression compression)
    {
        (SimRun first, SimFolder disk) = Kill(Large(compression, ReadMode.Slab), call: 90);
        SimCase again = first.Case.Again(disk);
        again.Kernel.Sources.Values.Single().Inode = 2;
        SimRun second = SimRun.Of(again);
        BundleCheck.Complete(second);
        Assert.Null(second.Committed.Receipt.Resumed);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void Bytes_that_a_mapping_has_changed_without_a_trace_are_copied_or_the_file_is_not_stable(
        Compression compression)
    {
        (SimRun first, SimFolder disk) = Kill(Large(compression, ReadMode.Slab), call: 90);
        SimCase again = first.Case.Again(disk);
        again.Kernel.Sources.Values.Single().Pages.Put(3, SimContent.Dense(77, 4096).Page(0).ToArray());
        SimRun second = SimRun.Of(again);
        if (compression == Compression.None)
            BundleCheck.Complete(second);
        Assert.Equal(compression == Compression.None, second.Committed.Receipt.Files[0].Stable);
        Assert.True(second.Committed.Receipt.Resumed);
    }

    [Fact]
    public void A_bundle_that_holds_the_output_of_a_file_no_longer_wanted_is_not_committed_with_it()
    {
        SimCase subject = Large(Compression.None, ReadMode.Slab);
        (SimRun first, SimFolder disk) = Kill(subject, call: 90);
        SimCase again = new(subject.Seed) { Settings = subject.Settings, Disk = disk };
        again.AddFile("other", SimContent.Dense(5, 9000));
        SimRun second = SimRun.Of(again);
        BundleCheck.Complete(second);
        Assert.NotNull(first);
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("cut")]
    [InlineData("of another version")]
    [InlineData("empty")]
    public void A_journal_that_cannot_be_read_is_not_believed(string how)
    {
        (SimRun first, SimFolder disk) = Kill(Large(Compression.None, ReadMode.Slab), call: 90);
        SimFile journal = (SimFile)disk.Find($".{SimCase.Bundle}.partial/journal")!;
        byte[] head = journal.Pages.Page(0).ToArray();
        journal.Touch();
        switch (how)
        {
            case "torn":
                head.AsSpan(40, 8).Clear();
                journal.Pages.Put(0, head);
                break;
            case "cut":
                journal.Pages.SetLength(100);
                break;
            case "of another version":
                head[33]++;
                journal.Pages.Put(0, head);
                break;
            default:
                journal.Pages.SetLength(0);
                break;
        }

        SimRun second = SimRun.Of(first.Case.Again(disk));
        BundleCheck.Complete(second);
        Assert.Null(second.Committed.Receipt.Resumed);
    }

    [Fact]
    public void Bytes_of_an_output_that_are_not_those_of_the_journal_are_written_again()
    {
        (SimRun first, SimFolder disk) = Kill(Large(Compression.None, ReadMode.Slab), call: 90);
        SimFile output = (SimFile)disk.Find($".{SimCase.Bundle}.partial/files/heap")!;
        output.Touch();
        output.Pages.Put(5, SimContent.Dense(99, 4096).Page(0).ToArray());
        SimRun second = SimRun.Of(first.Case.Again(disk));
        BundleCheck.Complete(second);
        Assert.True(second.Committed.Receipt.Resumed);
    }

    [Theory]
    [InlineData(515, 4000)] // the padding behind the second frame
    [InlineData(258, 100)] // the padding in front of its header
    public void Bytes_between_the_frames_of_a_stream_are_compared_too(int page, int at)
    {
        (SimRun first, SimFolder disk) = Kill(Large(Compression.Lz4, ReadMode.Slab), call: 90);
        SimFile output = (SimFile)disk.Find($".{SimCase.Bundle}.partial/files/heap.lz4")!;
        output.Touch();
        byte[] bytes = output.Pages.Page(page).ToArray();
        bytes[at] ^= 1;
        output.Pages.Put(page, bytes);
        SimRun second = SimRun.Of(first.Case.Again(disk));
        BundleCheck.Complete(second);
        Assert.InRange(second.Committed.Receipt.Resources.KeptBytes!.Value, 1 << 20, (1 << 20) + 8192);
    }

    [Theory]
    [InlineData(SimOp.OpenFile)]
    [InlineData(SimOp.ReadBack)]
    public void A_journal_that_the_disk_does_not_give_costs_nothing_of_what_was_saved(SimOp failing)
    {
        (SimRun first, SimFolder disk) = Kill(Large(Compression.None, ReadMode.Slab), call: 90);
        SimNode saved = disk.Children[$".{SimCase.Bundle}.partial"];
        int nodes = saved.Below("").Count();
        SimCase again = first.Case.Again(disk);
        again.Faults.Hook = (op, name, _) =>
            op == failing && name.Contains($"/.{SimCase.Bundle}.partial", StringComparison.Ordinal)
                ? Tmds.Linux.LibC.EIO : 0;
        SimRun second = SimRun.Of(again);
        Assert.Equal(BundleStatus.Complete, second.Committed.Receipt.Status);
        Assert.Same(saved, disk.Children[$".{SimCase.Bundle}.partial"]);
        Assert.Equal(nodes, saved.Below("").Count());
        Assert.Contains("could not be read (EIO)", Assert.Single(second.Committed.Cleanup.Warnings));
    }

    private static SimCase Large(Compression compression, ReadMode mode)
    {
        SimCase subject = new(8)
        {
            Settings = new CopySettings { BudgetBytes = 4 << 20, Compression = compression, ReaderMode = mode },
        };
        subject.AddFile("heap", SimContent.Dense(1, (12 << 20) - 100));
        return subject;
    }

    private static (SimRun Run, SimFolder Disk) Kill(SimCase subject, int call)
    {
        SimFolder? disk = null;
        subject.Kernel.At(call, () => disk = (SimFolder)subject.Kernel.Destination.AfterKill());
        SimRun run = SimRun.Of(subject);
        return (run, disk ?? (SimFolder)subject.Kernel.Destination.AfterKill());
    }

    private static void Check(int seed)
    {
        Random random = new(seed);
        SimCase before = SimDraw.WithoutFaults(seed);
        (_, SimFolder disk) = Kill(before, random.Next(1, 250));
        for (int kills = random.Next(0, 3); kills > 0 && !disk.Children.ContainsKey(SimCase.Bundle); kills--)
        {
            SimCase next = Again(before, random, disk);
            (SimRun run, disk) = Kill(next, random.Next(1, 250));
            BundleCheck.Holds(run);
            before = next;
        }

        SimCase again = Again(before, random, disk);
        bool isThere = disk.Children.ContainsKey(SimCase.Bundle);
        SimRun last = SimRun.Of(again);
        if (isThere)
        {
            Assert.Equal(RefusalKind.BundleExists, last.Refused.Refusal.Kind);
            return;
        }

        BundleCheck.Holds(last);
        Assert.Equal([SimCase.Bundle], disk.Children.Keys);
        Assert.Equal(BundleStatus.Complete, last.Committed.Receipt.Status);
        bool isUnproven = last.Committed.Receipt.Files.Any(static f => !f.Stable);
        if (!isUnproven)
            BundleCheck.Complete(last);
    }

    private static SimCase Again(SimCase before, Random random, SimFolder disk)
    {
        SimCase again = before.Again(disk);
        again.Kernel.BootId = random.Next(3) == 0 ? "boot 2" : before.Kernel.BootId;
        foreach (SimSource source in again.Kernel.Sources.Values.ToArray())
        {
            SimSource? next = random.Next(12) switch
            {
                // Another file of the same size, a file that was written to, one that was cut and grew again.
                0 => new SimSource(source.Path, SimContent.Draw(random, source.Pages.Length)) { Inode = 2 },
                1 => new SimSource(source.Path, SimContent.Draw(random, source.Pages.Length))
                {
                    ChangedAt = new Timestamp(1_700_000_001, 0),
                },
                2 => new SimSource(source.Path, SimContent.Draw(random, SimContent.DrawLength(random)))
                {
                    ChangedAt = new Timestamp(1_700_000_002, 0),
                },
                _ => null,
            };
            if (next is not null)
                again.Kernel.Sources[source.Path] = next;
        }

        return again;
    }
}
