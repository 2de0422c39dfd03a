using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Write;

public sealed class BundleDirectoryTests
{
    private readonly SimKernel kernel = new(new SimFaults(1));

    [Fact]
    public void What_a_killed_run_left_is_cleared_away()
    {
        SimFolder stale = new();
        stale.Children.Add("files", new SimFolder());
        stale.Children.Add("junk", new SimFile());
        kernel.Destination.Children.Add(".b.partial", stale);
        using BundleDirectory directory = Prepare(out IDirectory? files, out _)!;
        files!.Dispose();
        SimFolder made = (SimFolder)kernel.Destination.Children[".b.partial"];
        Assert.NotSame(stale, made);
        Assert.Equal(["files", "receipt.json"], made.Children.Keys.Order());
    }

    [Fact]
    public void A_partial_that_another_process_holds_is_left_alone()
    {
        kernel.Destination.Children.Add(".b.partial", new SimFolder { LockedBy = "another process" });
        Assert.Null(Prepare(out _, out Refusal? refusal));
        Assert.Equal(RefusalKind.AlreadyRunning, refusal?.Kind);
        Assert.Contains(".b.partial", kernel.Destination.Children.Keys);
        Assert.Empty(kernel.Leaks);
    }

    [Fact]
    public void A_partial_that_belongs_to_somebody_else_is_left_alone()
    {
        kernel.Destination.Children.Add(".b.partial", new SimFolder { IsForeign = true });
        Assert.Null(Prepare(out _, out Refusal? refusal));
        Assert.Equal(RefusalKind.DestinationUnusable, refusal?.Kind);
        Assert.Contains(".b.partial", kernel.Destination.Children.Keys);
        Assert.Empty(kernel.Leaks);
    }

    [Fact]
    public void A_bundle_that_is_there_already_is_not_touched()
    {
        kernel.Destination.Children.Add("b", new SimFile());
        Assert.Null(Prepare(out _, out Refusal? refusal));
        Assert.Equal(RefusalKind.BundleExists, refusal?.Kind);
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
        Assert.Empty(kernel.Leaks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(40_960)]
    public void A_disk_without_room_for_a_receipt_refuses_at_once_and_keeps_nothing(long spaceBytes)
    {
        kernel.SpaceBytes = spaceBytes;
        Assert.Null(Prepare(out _, out Refusal? refusal));
        Assert.Equal(RefusalKind.DestinationFull, refusal?.Kind);
        Assert.Empty(kernel.Destination.Children);
        Assert.Empty(kernel.Leaks);
    }

    [Fact]
    public void A_name_that_somebody_took_meanwhile_is_not_overwritten()
    {
        using BundleDirectory directory = Prepare(out IDirectory? files, out _)!;
        using OutputKeeper keeper = new(files!, directory.Io, syncsEachFile: true);
        SimFile theirs = new();
        kernel.Destination.Children.Add("b", theirs);
        Assert.Equal(RefusalKind.BundleExists, directory.Commit(keeper, Written)?.Kind);
        Assert.Same(theirs, kernel.Destination.Children["b"]);
    }

    [Fact]
    public void A_bundle_has_its_name_only_after_all_below_it_is_on_disk()
    {
        using BundleDirectory directory = Prepare(out IDirectory? files, out _)!;
        using OutputKeeper keeper = new(files!, directory.Io, syncsEachFile: true);
        Assert.Null(directory.Commit(keeper, Written));
        Assert.Empty(kernel.Violations);
        Assert.False(kernel.Destination.IsDirty);
        Assert.Equal(["b"], kernel.Destination.Children.Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_directory_that_cannot_be_synced_is_asked_once_and_nothing_is_committed(int nth)
    {
        BundleDirectory directory = Prepare(out IDirectory? files, out _)!;
        OutputKeeper keeper = new(files!, directory.Io, syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SyncDirectory, nth, EIO);
        Assert.Equal(RefusalKind.NotCommitted, directory.Commit(keeper, Written)?.Kind);
        Assert.Equal(nth, kernel.Faults.CountOf(SimOp.SyncDirectory));
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
        keeper.Dispose();
        directory.Dispose();
        Assert.Equal([".b.partial"], kernel.Destination.Children.Keys);
        Assert.Empty(kernel.Leaks);
    }

    private BundleDirectory? Prepare(out IDirectory? files, out Refusal? refusal) =>
        BundleDirectory.Prepare(kernel, SimKernel.DestinationPath, "b", WriterIo.Auto, 2, 0, out files, out refusal);

    private static Errno Written(IOutputFile receipt) => receipt.Sync().Error;
}
