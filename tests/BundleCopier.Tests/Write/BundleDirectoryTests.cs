using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Write;

public sealed class BundleDirectoryTests : IDisposable
{
    private readonly SimKernel kernel = new(new SimFaults(1));
    private readonly ISlabMemory memory;

    public BundleDirectoryTests() => memory = kernel.AllocateSlabs(SegmentGrid.SegmentBytes).Value!;

    public void Dispose() => memory.Dispose();

    [Fact]
    public void The_leftovers_of_a_killed_run_are_removed()
    {
        SimFolder stale = new();
        stale.Children.Add("files", new SimFolder());
        stale.Children.Add("receipt.json", new SimFile());
        stale.Children.Add("checksums", new SimFile());
        kernel.Destination.Children.Add(".b.partial", stale);
        using BundleDirectory directory = Prepare();
        SimFolder made = (SimFolder)kernel.Destination.Children[".b.partial"];
        Assert.NotSame(stale, made);
        Assert.Equal(["files", "journal", "receipt.json"], made.Children.Keys.Order());
    }

    /// <summary>Without it, a power cut before the rename would leave what looks like a finished bundle.</summary>
    [Fact]
    public void A_copy_does_not_begin_without_the_name_of_its_journal()
    {
        kernel.Faults.OnNth(SimOp.CreateFile, 1, EMFILE);
        Assert.Equal("EMFILE", PrepareRefused().Code);
        Assert.Empty(kernel.Destination.Children);
    }

    [Fact]
    public void A_partial_directory_with_what_no_copy_makes_is_not_touched()
    {
        SimFolder stale = new();
        stale.Children.Add("files", new SimFolder());
        stale.Children.Add("notes", new SimFile());
        kernel.Destination.Children.Add(".b.partial", stale);
        Assert.Contains("contains notes", PrepareRefused().Message, StringComparison.Ordinal);
        Assert.Equal(["files", "notes"], stale.Children.Keys.Order());
    }

    [Fact]
    public void A_bundle_whose_checksums_of_segments_were_removed_during_the_commit_is_not_committed()
    {
        Result<BundleDirectory, Refusal> prepared = BundleDirectory.Prepare(kernel, Place);
        Assert.True(prepared.Try(out BundleDirectory? directory, out _));
        using BundleDirectory closedAtTheEnd = directory;
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Assert.Equal(0, directory.Segments.Add([new SegmentDigest(0, 1)]));
        Refusal refusal = directory.Commit(keeper, file =>
        {
            ((SimFolder)kernel.Destination.Children[".b.partial"]).Children.Remove("checksums");
            return Written(file);
        })!;
        Assert.Contains("changed checksums", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("cut")]
    public void A_bundle_whose_file_was_changed_during_the_copy_is_not_committed(string how)
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Assert.True(keeper.Create("heap", 4096).Try(out IOutputFile? file, out _));
        Assert.Null(keeper.Finish("heap", file, 4096, 4096, end: null).Fault);
        SimFolder files = (SimFolder)((SimFolder)kernel.Destination.Children[".b.partial"]).Children["files"];
        SimFile changed = (SimFile)files.Children["heap"];
        if (how == "cut")
            changed.Pages.SetLength(100);
        else
            files.Children.Remove("heap");
        if (how == "replaced")
            files.Children.Add("heap", new SimFile());
        Refusal refusal = directory.Commit(keeper, Written)!;
        Assert.Contains("changed files/heap", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
    }

    [Fact]
    public void A_filesystem_that_does_not_sync_directories_gets_its_bundle()
    {
        kernel.Faults.Hook = static (op, _, _) => op == SimOp.SyncDirectory ? EINVAL : 0;
        using BundleDirectory directory = Prepare();
        Assert.Equal(["directory-names"], directory.MissingPromises);
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
    }

    [Theory]
    [InlineData(DirectoryClaim.OfAnother)]
    [InlineData(DirectoryClaim.OpenToOthers)]
    public void Where_the_mount_fixes_owner_or_mode_the_bundle_is_made_and_the_receipt_is_told(object claim)
    {
        kernel.NewDirectories = (DirectoryClaim)claim;
        using (BundleDirectory killed = Prepare())
            Assert.Equal(["private"], killed.MissingPromises);
        // What a killed copy left there has the same owner and mode as a new directory.
        using BundleDirectory directory = Prepare();
        Assert.Equal(["private"], directory.MissingPromises);
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
    }

    [Fact]
    public void Where_the_mount_fixes_the_owner_a_bundle_that_must_be_private_is_refused_and_nothing_is_left()
    {
        kernel.NewDirectories = DirectoryClaim.OfAnother;
        BundlePlace place = new(SimKernel.DestinationPath, "b", null, 4096, 4096, memory.Address, MustBePrivate: true);
        Assert.False(BundleDirectory.Prepare(kernel, place).Try(out _, out Refusal? refusal));
        Assert.Contains("bundle-copier.destination.private", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.Destination.Children);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Fact]
    public void A_bundle_that_cannot_be_looked_at_after_its_rename_is_committed()
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        bool isRenamed = false;
        kernel.Faults.Hook = (op, _, _) =>
        {
            isRenamed |= op == SimOp.Rename;
            return op == SimOp.Identify && isRenamed ? EIO : 0;
        };
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
    }

    [Fact]
    public void A_partial_directory_that_another_process_holds_is_not_touched()
    {
        kernel.Destination.Children.Add(".b.partial", new SimFolder { LockedBy = "another process" });
        Refusal refusal = PrepareRefused();
        Assert.Equal(RefusalKind.AlreadyRunning, refusal.Kind);
        Assert.Contains(".b.partial", kernel.Destination.Children.Keys);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Theory]
    [InlineData(DirectoryClaim.OpenToOthers, "was not made by a copy")]
    [InlineData(DirectoryClaim.Replaced, "in place of another")]
    public void A_partial_directory_that_no_own_copy_left_is_not_touched_and_the_message_says_why(
        object claim, string word)
    {
        kernel.Destination.Children.Add(".b.partial", new SimFolder { Claim = (DirectoryClaim)claim });
        Refusal refusal = PrepareRefused();
        Assert.Equal(RefusalKind.DestinationUnusable, refusal.Kind);
        Assert.All(
            new[] { word, ".b.partial", "Remove it" }, w =>
            Assert.Contains(w, refusal.Message, StringComparison.Ordinal));
        Assert.Contains(".b.partial", kernel.Destination.Children.Keys);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Fact]
    public void A_bundle_that_is_there_already_is_not_touched()
    {
        kernel.Destination.Children.Add("b", new SimFile());
        Refusal refusal = PrepareRefused();
        Assert.Equal(RefusalKind.BundleExists, refusal.Kind);
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(40_960)]
    public void A_disk_without_room_for_a_receipt_refuses_at_once_and_keeps_nothing(long spaceBytes)
    {
        kernel.SpaceBytes = spaceBytes;
        Refusal refusal = PrepareRefused();
        Assert.Equal(RefusalKind.DestinationFull, refusal.Kind);
        Assert.Empty(kernel.Destination.Children);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Fact]
    public void A_disk_with_little_room_gets_a_short_receipt_and_keeps_the_rest_for_files()
    {
        kernel.SpaceBytes = 57_344;
        using BundleDirectory directory = Prepare();
        Assert.True(directory.HasShortReceipt);
        Assert.Equal(57_344 - 49_152, directory.FreeBytes());
    }

    [Fact]
    public void What_is_to_stay_free_is_not_taken_for_a_receipt()
    {
        kernel.SpaceBytes = 1 << 20;
        BundlePlace place = Place with { KeepFree = DiskAmount.OfPercent(97) };
        Assert.False(BundleDirectory.Prepare(kernel, place).Try(out _, out Refusal? refusal));
        Assert.Equal((RefusalKind.DestinationFull, "ENOSPC"), (refusal.Kind, refusal.Code));
        Assert.Contains("destination.keep-free keeps 97%", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.Destination.Children);
    }

    [Fact]
    public void A_name_that_was_taken_during_the_copy_is_not_overwritten()
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        SimFile theirs = new();
        kernel.Destination.Children.Add("b", theirs);
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Same(theirs, kernel.Destination.Children["b"]);
        Assert.Equal(["b", "b.1"], kernel.Destination.Children.Keys.Order());
        Assert.Equal(("b.1", "/var/crash/b.1"), (directory.BundleName, directory.BundlePath));
    }

    [Fact]
    public void A_name_that_is_taken_at_the_rename_is_left_and_the_receipt_is_written_again()
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        List<string> told = [];
        // The other user sees each name that can be guessed coming.
        kernel.Faults.Hook = (op, _, _) =>
        {
            if (op == SimOp.Rename && directory.BundleName.Length <= 3)
                kernel.Destination.Children.TryAdd(directory.BundleName, new SimFile());
            return 0;
        };
        Assert.Null(directory.Commit(keeper, receipt =>
        {
            told.Add(directory.BundleName);
            return Written(receipt);
        }));
        Assert.Equal(["b", "b.1", told[^1]], told);
        Assert.Matches("^b[.][0-9a-f]{12}$", told[^1]);
        Assert.IsType<SimFolder>(kernel.Destination.Children[told[^1]]);
        Assert.Equal(3, kernel.Destination.Children.Count);
    }

    [Fact]
    public void A_finished_bundle_under_the_partial_name_is_not_removed()
    {
        SimFolder old = SimBundles.Add(kernel.Destination, ".b.partial", SimKernel.Epoch);
        Refusal refusal = PrepareRefused();
        Assert.Contains("is the finished bundle .b.partial under", refusal.Message, StringComparison.Ordinal);
        Assert.False(Look().Try(out _, out Refusal? looked));
        Assert.Equal(refusal, looked);
        Assert.Same(old, kernel.Destination.Children[".b.partial"]);
    }

    [Fact]
    public void What_a_copy_of_another_bundle_has_left_is_not_taken_over_under_another_name()
    {
        BundlePlace other = Place with { Bundle = "c" };
        Assert.True(BundleDirectory.Prepare(kernel, other).Try(out BundleDirectory? killed, out _));
        killed.Dispose();
        kernel.Destination.Rename(".c.partial", ".b.partial");
        Assert.Contains(
            "is what a copy of the bundle c has left", PrepareRefused().Message, StringComparison.Ordinal);
        Assert.Contains(".b.partial", kernel.Destination.Children.Keys);
    }

    [Fact]
    public void After_a_commit_that_failed_the_next_copy_starts_over()
    {
        BundleDirectory directory = Prepare();
        OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SyncDirectory, 4, EIO);
        Assert.Equal(RefusalKind.NotCommitted, directory.Commit(keeper, Written)?.Kind);
        keeper.Dispose();
        directory.Dispose();
        using BundleDirectory again = Prepare();
        Assert.Null(again.Earlier);
    }

    [Fact]
    public void A_destination_that_other_users_can_change_is_refused_unless_the_settings_allow_it()
    {
        kernel.Untrusted = new UntrustedDirectory("/var", "belongs to user 5");
        Refusal refusal = PrepareRefused();
        Assert.Contains("The directory /var belongs to user 5", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("bundle-copier.destination.trust", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.Destination.Children);
        Assert.True(
            BundleDirectory.Prepare(kernel, Place with { TrustsAny = true }).Try(out BundleDirectory? made, out _));
        made.Dispose();
    }

    [Fact]
    public void A_partial_name_that_another_user_has_taken_is_left_and_a_killed_copy_is_found_again()
    {
        SimFolder theirs = new() { Claim = DirectoryClaim.OfAnother };
        kernel.Destination.Children.Add(".b.partial", theirs);
        Prepare().Dispose();
        Assert.Equal([".b.1.partial", ".b.partial"], kernel.Destination.Children.Keys.Order());
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Equal([".b.partial", "b"], kernel.Destination.Children.Keys.Order());
        Assert.Same(theirs, kernel.Destination.Children[".b.partial"]);
    }

    [Fact]
    public void Another_directory_that_got_the_bundles_name_is_not_called_the_bundle_and_keeps_the_name()
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Dictionary<string, SimNode> names = kernel.Destination.Children;
        SimFolder theirs = new();
        kernel.Faults.Hook = (op, _, _) =>
        {
            // Another process swaps the directories right before the rename.
            if (op == SimOp.Rename && names.Remove(".b.partial", out SimNode? ours))
            {
                names.Add("moved", ours);
                names.Add(".b.partial", theirs);
            }

            return 0;
        };
        Refusal? refusal = directory.Commit(keeper, Written);
        Assert.Equal(RefusalKind.NotCommitted, refusal?.Kind);
        Assert.Contains("is not what was copied", refusal!.Message, StringComparison.Ordinal);
        keeper.Dispose();
        directory.Dispose();
        Assert.Same(theirs, names["b"]);
        Assert.Equal(["b", "moved"], names.Keys.Order());
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Fact]
    public void A_bundle_has_its_name_only_after_all_below_it_is_on_disk()
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Empty(kernel.Violations);
        Assert.False(kernel.Destination.IsDirty);
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
    }

    [Theory]
    [InlineData(2)] // the first sync is the one of the new directory
    [InlineData(3)]
    [InlineData(4)]
    public void A_directory_that_cannot_be_synced_is_synced_once_and_nothing_is_committed(int nth)
    {
        BundleDirectory directory = Prepare();
        OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SyncDirectory, nth, EIO);
        Assert.Equal(RefusalKind.NotCommitted, directory.Commit(keeper, Written)?.Kind);
        Assert.Equal(nth, kernel.Faults.CountOf(SimOp.SyncDirectory));
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
        keeper.Dispose();
        directory.Dispose();
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Fact]
    public void A_bundle_whose_name_can_neither_be_synced_nor_taken_back_is_told_of()
    {
        using BundleDirectory directory = Prepare();
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SyncDirectory, 4, EIO).OnNth(SimOp.Rename, 2, EROFS);
        Refusal refusal = directory.Commit(keeper, Written)!;
        Assert.Equal((RefusalKind.NotCommitted, "EIO"), (refusal.Kind, refusal.Code));
        Assert.Contains("/b is there all the same", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(EROFS)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
    }

    [Fact]
    public void A_bug_right_after_the_rename_takes_the_name_back()
    {
        BundleDirectory directory = Prepare();
        OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        bool isRenamed = false;
        kernel.Faults.Hook = (op, _, _) =>
        {
            isRenamed |= op == SimOp.Rename;
            return op == SimOp.Identify && isRenamed ? SimFaults.Throws : 0;
        };
        Assert.Throws<PlantedBugException>(() => directory.Commit(keeper, Written));
        keeper.Dispose();
        directory.Dispose();
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
    }

    [Fact]
    public void A_new_directory_that_cannot_be_synced_refuses_the_copy()
    {
        kernel.Faults.OnNth(SimOp.SyncDirectory, 1, EIO);
        Assert.Equal(RefusalKind.DestinationUnusable, PrepareRefused().Kind);
        Assert.Empty(kernel.Destination.Children);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    public static TheoryData<string, RefusalKind> Refusals => new()
    {
        { "a bundle of that name", RefusalKind.BundleExists },
        { "a copy that runs", RefusalKind.AlreadyRunning },
        { "a file in place of the partial", RefusalKind.DestinationUnusable },
        { "a filesystem that the kernel makes up", RefusalKind.DestinationUnusable },
        { "no permission", RefusalKind.DestinationUnusable },
        { "no room", RefusalKind.DestinationFull },
        { "no room for the receipt", RefusalKind.DestinationFull },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_look_refuses_the_same_as_a_copy_in_the_same_words_and_changes_nothing(
        string world, RefusalKind kind)
    {
        Set(world);
        SimNode[] before = [.. kernel.Destination.Children.Values];
        Assert.False(Look().Try(out _, out Refusal? looked));
        Assert.Equal(before, kernel.Destination.Children.Values);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
        Assert.Equal(
            0, kernel.Faults.CountOf(SimOp.CreateDirectory) + kernel.Faults.CountOf(SimOp.CreateFile)
            + kernel.Faults.CountOf(SimOp.RemoveTree));

        Refusal refused = PrepareRefused();
        Assert.Equal(kind, looked.Kind);
        Assert.Equal(refused, looked);
    }

    [Fact]
    public void A_look_does_not_remove_the_leftovers_of_a_killed_run()
    {
        SimFolder stale = new();
        stale.Children.Add("receipt.json", new SimFile());
        kernel.Destination.Children.Add(".b.partial", stale);
        Assert.True(Look().Try(out _, out _));
        Assert.Same(stale, kernel.Destination.Children[".b.partial"]);
        Assert.Single(stale.Children);
        Assert.Null(stale.LockedBy);
        Assert.Equal(["SimSlab memory"], kernel.Leaks);
    }

    [Fact]
    public void A_filesystem_without_nameless_files_is_not_refused()
    {
        kernel.Faults.OnNth(SimOp.CreateNameless, 1, EOPNOTSUPP);
        Assert.True(Look().Try(out _, out _));
    }

    private void Set(string world)
    {
        Dictionary<string, SimNode> names = kernel.Destination.Children;
        switch (world)
        {
            case "a bundle of that name":
                names.Add("b", new SimFolder());
                break;
            case "a copy that runs":
                names.Add(".b.partial", new SimFolder { LockedBy = "another process" });
                break;
            case "a file in place of the partial":
                names.Add(".b.partial", new SimFile());
                break;
            case "a filesystem that the kernel makes up":
                kernel.KernelFilesystem = "proc";
                break;
            case "no permission":
                kernel.Faults.Sometimes(SimOp.CreateDirectory, 1, EACCES).Sometimes(SimOp.CreateNameless, 1, EACCES);
                break;
            case "no room":
                kernel.SpaceBytes = 0;
                break;
            case "no room for the receipt":
                kernel.SpaceBytes = 40_960;
                break;
            default:
                throw new ArgumentException(world);
        }
    }

    private BundlePlace Place =>
        new(SimKernel.DestinationPath, "b", WantedIo: null, 65_536, ShortReceiptBytes: 49_152, memory.Address);

    private Result<DestinationFacts, Refusal> Look() => DestinationCheck.Run(kernel, Place);

    private BundleDirectory Prepare()
    {
        Assert.True(BundleDirectory.Prepare(kernel, Place).Try(out BundleDirectory? directory, out _));
        return directory;
    }

    private Refusal PrepareRefused()
    {
        Assert.False(BundleDirectory.Prepare(kernel, Place).Try(out _, out Refusal? refusal));
        return refusal;
    }

    private static IoResult Written(IOutputFile receipt) => receipt.Sync();
}
