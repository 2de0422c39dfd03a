using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Write;

/// <summary>What a committed copy removes from its destination, and what it leaves alone.</summary>
public sealed class DestinationCleanerTests : IDisposable
{
    private static readonly RetentionSettings OnlyOne = new() { MaxBundles = 1 };

    private readonly SimKernel kernel = new(new SimFaults(1));
    private readonly ISlabMemory memory;
    private bool isStopped;

    public DestinationCleanerTests()
    {
        Assert.True(kernel.AllocateSlabs(SegmentGrid.SegmentBytes).Try(out ISlabMemory? allocated, out _));
        memory = allocated;
    }

    private SimFolder Disk => kernel.Destination;

    private IEnumerable<string> Names => Disk.Children.Keys.Order(StringComparer.Ordinal);

    public void Dispose() => memory.Dispose();

    [Fact]
    public void Without_limits_and_without_replacing_nothing_is_looked_at()
    {
        Add("a", 1);
        Disk.Add(BundleNames.Expired("x"), new SimFolder());
        int before = Disk.Children.Count;
        DestinationCleanup cleanup = Commit(new RetentionSettings());
        Assert.Empty(cleanup.Removed);
        Assert.Equal(before + 1, Disk.Children.Count);
        Assert.Equal(0, kernel.Faults.CountOf(SimOp.Measure));
    }

    [Fact]
    public void Older_bundles_go_the_oldest_first_and_are_told_of()
    {
        Add("c", 2);
        Add("d", 1);
        Add("e", 3);
        DestinationCleanup cleanup = Commit(new RetentionSettings { MaxBundles = 2 });
        Assert.Equal(["b", "e"], Names);
        Assert.Equal(
            [("/var/crash/d", RemovalReason.MaxBundles), ("/var/crash/c", RemovalReason.MaxBundles)],
            cleanup.Removed.Select(static r => (r.Path, r.Reason)));
        Assert.Equal(SimKernel.Epoch.AddDays(1), cleanup.Removed[0].FinishedAt);
        Assert.True(cleanup.Removed[0].SizeBytes >= SimPages.PageBytes);
        Assert.Empty(cleanup.Warnings);
    }

    [Fact]
    public void More_bundles_than_are_held_at_once_go_in_rounds()
    {
        for (int i = 0; i < 250; i++)
            Add($"old-{i}", i);
        DestinationCleanup cleanup = Commit(OnlyOne);
        Assert.Equal(250, cleanup.Removed.Count);
        Assert.Equal(["b"], Names);
    }

    [Fact]
    public void A_bundle_that_is_marked_to_be_kept_stays_and_counts()
    {
        Add("a", 1).Add("keep", new SimFile());
        Add("c", 2);
        Commit(new RetentionSettings { MaxBundles = 2 });
        Assert.Equal(["a", "b"], Names);
    }

    [Fact]
    public void A_bundle_that_is_marked_after_the_choice_stays()
    {
        SimFolder late = Add("a", 1);
        Add("c", 2);
        // The user marks it after the bundle was measured.
        kernel.After(SimOp.Measure, 1, () => late.Children.TryAdd("keep", new SimFile()));
        Commit(OnlyOne);
        Assert.Contains("a", Names);
        Assert.DoesNotContain("c", Names);
    }

    [Theory]
    [InlineData("in use")]
    [InlineData("being made")]
    [InlineData("of another user")]
    [InlineData("renamed")]
    [InlineData("with other content")]
    [InlineData("without a receipt")]
    [InlineData("with something mounted")]
    [InlineData("a file")]
    public void What_is_no_bundle_of_this_user_or_in_use_stays(string what)
    {
        SimFolder other = what == "of another user" ? new SimFolder { Claim = DirectoryClaim.OfAnother } : Add("a", 1);
        switch (what)
        {
            case "in use":
                other.Readers.Add("verify");
                break;
            case "being made":
                other.LockedBy = "a copy";
                break;
            case "of another user":
                other.Add(BundleNames.Receipt, SimBundles.Receipt("a", SimKernel.Epoch));
                Disk.Add("a", other);
                break;
            case "renamed":
                other.Children[BundleNames.Receipt] = SimBundles.Receipt("z", SimKernel.Epoch);
                break;
            case "with other content":
                other.Add("notes", new SimFile());
                break;
            case "without a receipt":
                other.Children.Remove(BundleNames.Receipt);
                break;
            case "with something mounted":
                kernel.Faults.OnNth(SimOp.Measure, 1, EXDEV);
                break;
            default:
                Disk.Children["a"] = new SimFile();
                break;
        }

        DestinationCleanup cleanup = Commit(OnlyOne);
        Assert.Empty(cleanup.Removed);
        Assert.Equal(["a", "b"], Names);
        // Any user who may read a bundle can lock it.
        Assert.Equal(
            what is "in use" or "being made",
            cleanup.Warnings.Any(static w => w.Contains("/a is beyond the limits", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_old_remains_of_killed_copies_go()
    {
        AddPartial(".old.partial", ageDays: 8);
        AddPartial(".fresh.partial", ageDays: 6);
        AddPartial(".running.partial", ageDays: 8).LockedBy = "a copy";
        AddPartial(".other.partial", ageDays: 8).Add("notes", new SimFile());
        Disk.Add(".alien.partial", new SimFolder
        {
            Claim = DirectoryClaim.OfAnother,
            ModifiedAt = SimKernel.Epoch.AddDays(-8),
        });
        DestinationCleanup cleanup = Commit(new RetentionSettings { PartialMaxAge = TimeSpan.FromDays(7) });
        Assert.Equal(["/var/crash/.old.partial"], cleanup.Removed.Select(static r => r.Path));
        Assert.Equal(
            [".alien.partial", ".fresh.partial", ".other.partial", ".running.partial", "b"], Names);
    }

    [Fact]
    public void What_a_killed_run_has_left_of_its_removals_goes()
    {
        SimFolder half = new();
        half.Add(BundleNames.Files, new SimFolder());
        Disk.Add(BundleNames.Expired("x"), half);
        Disk.Add(BundleNames.Replaced("y"), new SimFolder());
        Disk.Add(BundleNames.Replaced("z"), new SimFolder { LockedBy = "a run that removes it" });
        Disk.Add(".x.expired.notes", new SimFolder());
        DestinationCleanup cleanup = Commit(OnlyOne);
        Assert.All(cleanup.Removed, static r => Assert.Equal(RemovalReason.Unfinished, r.Reason));
        Assert.Equal(2, cleanup.Removed.Count);
        Assert.Equal(3, Disk.Children.Count);
        Assert.Contains(".x.expired.notes", Names);
    }

    [Fact]
    public void While_another_run_removes_bundles_this_one_removes_none()
    {
        Add("a", 1);
        Disk.LockedBy = "another run";
        DestinationCleanup cleanup = Commit(OnlyOne);
        Assert.Empty(cleanup.Removed);
        Assert.Empty(cleanup.Warnings);
        Assert.Equal(["a", "b"], Names);
    }

    [Fact]
    public void Another_user_that_holds_the_lock_of_a_readable_destination_does_not_stop_retention()
    {
        Add("a", 1);
        Disk.Claim = DirectoryClaim.OpenToOthers;
        Disk.LockedBy = "another user";
        Assert.Equal("/var/crash/a", Assert.Single(Commit(OnlyOne).Removed).Path);
    }

    [Fact]
    public void A_finished_bundle_under_a_partial_name_is_not_removed_by_its_age()
    {
        Add(".a.partial", 1).ModifiedAt = SimKernel.Epoch.AddDays(-9);
        Commit(new RetentionSettings { PartialMaxAge = TimeSpan.FromDays(1) });
        Assert.Equal([".a.partial", "b"], Names);
    }

    [Fact]
    public void Where_other_users_can_rename_a_hidden_name_does_not_condemn_a_bundle()
    {
        kernel.Untrusted = new UntrustedDirectory("/var", "belongs to user 5");
        string hidden = BundleNames.Expired("a");
        Add(hidden, 1);
        Commit(OnlyOne);
        Assert.Equal([hidden, "b"], Names);
    }

    [Fact]
    public void The_lock_of_the_destination_is_given_back()
    {
        Add("a", 1);
        Commit(OnlyOne);
        Assert.Null(Disk.LockedBy);
    }

    [Fact]
    public void No_half_bundle_stands_under_its_name_after_a_power_cut()
    {
        SimFolder old = Add("a", 1);
        int nodes = old.Below("").Count();
        int looks = 0;
        Random random = new(1);
        kernel.Faults.Hook = (op, _, _) =>
        {
            for (int i = 0; i < 20; i++)
            {
                if (Disk.NamesAfterCrash(random, 0.5).GetValueOrDefault("a") is SimFolder left)
                {
                    looks++;
                    Assert.Equal(nodes, left.AfterCrash(random, 0.5).Below("").Count());
                }
            }

            return 0;
        };
        Commit(OnlyOne);
        Assert.Equal(["b"], Names);
        Assert.True(looks > 0);
    }

    [Fact]
    public void A_destination_that_cannot_be_synced_keeps_its_bundles_hidden_and_whole()
    {
        SimFolder old = Add("a", 1);
        // The syncs of the commit come first.
        kernel.Faults.OnNth(SimOp.SyncDirectory, 5, EIO);
        DestinationCleanup cleanup = Commit(OnlyOne);
        string warning = Assert.Single(cleanup.Warnings);
        Assert.Contains("syncing /var/crash failed with EIO", warning, StringComparison.Ordinal);
        Assert.Contains(old, Disk.Children.Values);
        Assert.Empty(cleanup.Removed);
    }

    [Theory]
    [InlineData("EBUSY", "Unmount")]
    [InlineData("EPERM", "chattr")]
    [InlineData("EIO", "Remove it")]
    public void A_bundle_that_cannot_be_removed_is_a_warning_that_names_what_is_left(string error, string mend)
    {
        Add("a", 1);
        int errno = error switch { "EBUSY" => EBUSY, "EPERM" => EPERM, _ => EIO };
        kernel.Faults.Hook = (op, name, _) =>
            op == SimOp.RemoveTree && !name.EndsWith(".partial", StringComparison.Ordinal) ? errno : 0;
        DestinationCleanup cleanup = Commit(OnlyOne);
        string warning = Assert.Single(cleanup.Warnings);
        Assert.Contains(mend, warning, StringComparison.Ordinal);
        Assert.Contains("/var/crash/.a.expired.", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("a", Names);
    }

    [Fact]
    public void A_copy_that_is_stopped_removes_nothing_more()
    {
        Add("a", 1);
        isStopped = true;
        Assert.Empty(Commit(OnlyOne).Removed);
        Assert.Equal(["a", "b"], Names);
    }

    [Fact]
    public void A_replaced_bundle_is_removed_and_the_new_one_has_the_name()
    {
        SimFolder old = Add("b", 1);
        DestinationCleanup cleanup = Commit(new RetentionSettings(), replaces: true);
        Assert.Equal(RemovalReason.Replaced, Assert.Single(cleanup.Removed).Reason);
        Assert.Equal(["b"], Names);
        Assert.NotSame(old, Disk.Children["b"]);
        Assert.Empty(kernel.Violations);
    }

    [Fact]
    public void A_replaced_bundle_that_is_being_read_stays_hidden()
    {
        SimFolder old = Add("b", 1);
        old.Readers.Add("verify");
        DestinationCleanup cleanup = Commit(new RetentionSettings(), replaces: true);
        Assert.Contains("is in use", Assert.Single(cleanup.Warnings), StringComparison.Ordinal);
        Assert.Same(old, Disk.Children.Single(static c => BundleNames.IsCondemned(c.Key)).Value);
        Assert.NotSame(old, Disk.Children["b"]);
    }

    [Fact]
    public void With_replacing_a_free_name_is_taken_as_ever()
    {
        Assert.Empty(Commit(new RetentionSettings(), replaces: true).Removed);
        Assert.Equal(["b"], Names);
        Assert.Equal(0, kernel.Faults.CountOf(SimOp.Exchange));
    }

    [Theory]
    [InlineData("a directory", "has no receipt.json")]
    [InlineData("a file", "is not a directory")]
    [InlineData("other content", "contains notes")]
    [InlineData("no receipt", "is no receipt")]
    [InlineData("kept", "contains keep")]
    public void Only_a_bundle_is_replaced(string what, string why)
    {
        SimFolder found = new();
        Disk.Add("b", what == "a file" ? new SimFile() : found);
        if (what is "other content" or "kept")
            found.Add(what == "kept" ? "keep" : "notes", new SimFile());
        if (what == "kept")
            found.Add("receipt.json", SimBundles.Receipt("b", SimKernel.Epoch));
        if (what == "no receipt")
            found.Add("receipt.json", new SimFile());
        SimNode[] before = [.. Disk.Children.Values];
        Assert.False(BundleDirectory.Prepare(kernel, Place(replaces: true)).Try(out _, out Refusal? refusal));
        Assert.Equal(RefusalKind.BundleExists, refusal.Kind);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.False(DestinationCheck.Run(kernel, Place(replaces: true)).Try(out _, out Refusal? looked));
        Assert.Equal(refusal, looked);
        Assert.Equal(before, Disk.Children.Values);
    }

    [Fact]
    public void A_filesystem_that_cannot_exchange_names_is_refused_before_anything_is_copied()
    {
        SimFolder old = Add("b", 1);
        kernel.Faults.Sometimes(SimOp.Exchange, 1, EINVAL);
        Assert.False(BundleDirectory.Prepare(kernel, Place(replaces: true)).Try(out _, out Refusal? refusal));
        Assert.Contains("RENAME_EXCHANGE", refusal.Message, StringComparison.Ordinal);
        Assert.Same(old, Assert.Single(Disk.Children).Value);
    }

    [Fact]
    public void A_bundle_that_was_marked_during_the_copy_is_not_replaced_and_the_new_one_gets_a_free_name()
    {
        SimFolder old = Add("b", 1);
        using BundleDirectory directory = Prepare(replaces: true);
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        old.Add("keep", new SimFile());
        Assert.Null(directory.Commit(keeper, static receipt => receipt.Sync()));
        Assert.Same(old, Disk.Children["b"]);
        Assert.Equal(["b", "b.1"], Names);
    }

    [Fact]
    public void An_exchange_that_cannot_be_synced_is_taken_back()
    {
        SimFolder old = Add("b", 1);
        BundleDirectory directory = Prepare(replaces: true);
        OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SyncDirectory, 4, EIO);
        Assert.Equal(
            RefusalKind.NotCommitted, directory.Commit(keeper, static receipt => receipt.Sync())?.Kind);
        keeper.Dispose();
        directory.Dispose();
        Assert.Same(old, Disk.Children["b"]);
        Assert.Equal([".b.partial", "b"], Names);
    }

    [Fact]
    public void Another_directory_that_takes_the_name_at_the_last_moment_gets_it_back()
    {
        Add("b", 1);
        using BundleDirectory directory = Prepare(replaces: true);
        using OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true);
        SimFolder theirs = new();
        int exchanges = 0;
        kernel.Faults.Hook = (op, _, _) =>
        {
            if (op == SimOp.Exchange && ++exchanges == 1)
                Disk.Children["b"] = theirs;
            return 0;
        };
        Assert.Null(directory.Commit(keeper, static receipt => receipt.Sync()));
        Assert.Same(theirs, Disk.Children["b"]);
        Assert.Equal(["b", "b.1"], Names);
    }

    private SimFolder Add(string name, int day) => SimBundles.Add(Disk, name, SimKernel.Epoch.AddDays(day));

    private SimFolder AddPartial(string name, int ageDays)
    {
        SimFolder partial = new() { ModifiedAt = SimKernel.Epoch.AddDays(-ageDays) };
        partial.Add(BundleNames.Files, new SimFolder());
        Disk.Add(name, partial);
        return partial;
    }

    private BundlePlace Place(bool replaces) =>
        new(SimKernel.DestinationPath, "b", null, 65_536, 65_536, memory.Address, Replaces: replaces, TrustsAny: true);

    private BundleDirectory Prepare(bool replaces)
    {
        Result<BundleDirectory, Refusal> prepared = BundleDirectory.Prepare(kernel, Place(replaces));
        Assert.True(prepared.Try(out BundleDirectory? directory, out Refusal? refusal), refusal?.Message);
        return directory;
    }

    /// <summary>Commits the bundle "b", and cleans up.</summary>
    private DestinationCleanup Commit(RetentionSettings limits, bool replaces = false)
    {
        DestinationCleanup cleanup;
        using (BundleDirectory directory = Prepare(replaces))
        using (OutputKeeper keeper = new(directory.Files, directory.Io, syncsEachFile: true))
        {
            Assert.Null(directory.Commit(keeper, WriteReceipt));
            cleanup = directory.CleanUp(limits, SimKernel.Epoch, () => isStopped);
        }

        Assert.DoesNotContain(kernel.Leaks, static l => !l.StartsWith(nameof(SimSlab), StringComparison.Ordinal));
        return cleanup;
    }

    private unsafe IoResult WriteReceipt(IOutputFile receipt)
    {
        SimPages text = SimBundles.Receipt("b", SimKernel.Epoch.AddDays(1000)).Pages;
        Span<byte> room = new((void*)memory.Address, SimPages.PageBytes);
        room.Fill((byte)' ');
        text.Read(0, room[..(int)text.Length]);
        IoResult written = receipt.Write(memory.Address, SimPages.PageBytes, 0);
        return written.IsOk ? receipt.Sync() : written;
    }
}
