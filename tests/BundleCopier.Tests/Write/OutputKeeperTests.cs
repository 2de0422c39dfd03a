using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Write;

public sealed class OutputKeeperTests : IDisposable
{
    private readonly SimKernel kernel = new(new SimFaults(1));
    private OutputKeeper? keeper;

    public void Dispose()
    {
        keeper?.Dispose();
        Assert.Empty(kernel.Leaks);
        Assert.Empty(kernel.Violations);
    }

    [Fact]
    public void A_file_that_cannot_be_synced_is_removed_and_never_synced_again()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        IOutputFile file = kept.Create("deep/heap", 5000, out _)!;
        kernel.Faults.OnNth(SimOp.Sync, 1, EIO);
        Assert.Equal(
            FaultKind.SyncFailed, kept.Finish(
            "deep/heap", file, 5000, 8192, discard: false, end: null, out _, out _)?.Kind);
        Assert.Equal(1, kernel.Faults.CountOf(SimOp.Sync));
        Assert.Null(kernel.Destination.Find("deep/heap"));
    }

    [Fact]
    public void A_finished_file_has_its_real_length_on_disk()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        IOutputFile file = kept.Create("heap", 5000, out _)!;
        Assert.Null(kept.Finish("heap", file, 5000, 8192, discard: false, end: null, out _, out _));
        SimFile made = (SimFile)kernel.Destination.Children["heap"];
        Assert.Equal((5000, false), (made.Pages.Length, made.IsDirty));
        Assert.False(kept.HasUnsynced);
    }

    [Fact]
    public void Among_many_files_only_large_ones_are_synced_one_by_one()
    {
        OutputKeeper kept = Keep(syncsEachFile: false);
        Assert.Null(
            kept.Finish(
            "large", kept.Create("large", 4096, out _)!, 4096, 16 << 20, discard: false, end: null, out _, out _));
        Assert.False(kept.HasUnsynced);
        Assert.Null(
            kept.Finish(
            "small", kept.Create("small", 4096, out _)!, 4096, 4096, discard: false, end: null, out _, out _));
        Assert.True(kept.HasUnsynced);
        Assert.Equal(1, kernel.Faults.CountOf(SimOp.Sync));
    }

    [Fact]
    public void A_file_without_content_is_removed_and_not_synced()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        Assert.Null(
            kept.Finish("heap", kept.Create("heap", 4096, out _)!, 4096, 0, discard: true, end: null, out _, out _));
        Assert.Empty(kernel.Destination.Children);
        Assert.Equal(0, kernel.Faults.CountOf(SimOp.Sync));
    }

    [Fact]
    public void A_directory_that_was_created_and_not_opened_can_be_used_by_the_next_file()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.CreateDirectory, 1, EMFILE);
        Assert.Null(kept.Create("deep/one", 4096, out Fault? fault));
        Assert.Equal(FaultKind.CreateFailed, fault?.Kind);
        Assert.NotNull(kept.Create("deep/two", 4096, out _));
    }

    [Fact]
    public void A_file_whose_length_cannot_be_set_is_removed()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SetLength, 1, ENOSPC);
        Assert.Null(kept.Create("heap", 4096, out Fault? fault));
        Assert.Equal(FaultKind.NoSpace, fault?.Kind);
        Assert.Empty(kernel.Destination.Children);
    }

    [Fact]
    public void Finishing_a_file_twice_is_a_bug()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        IOutputFile file = kept.Create("heap", 0, out _)!;
        Assert.Null(kept.Finish("heap", file, 0, 0, discard: false, end: null, out _, out _));
        Assert.Throws<InvalidOperationException>(
            () => kept.Finish("heap", file, 0, 0, discard: false, end: null, out _, out _));
    }

    private OutputKeeper Keep(bool syncsEachFile)
    {
        Assert.True(kernel.OpenDirectory(SimKernel.DestinationPath).Try(out IDirectory? root, out _));
        return keeper = new OutputKeeper(root, OutputIo.Direct, syncsEachFile);
    }
}
