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
    private IDirectory? files;
    private OutputKeeper? keeper;

    public void Dispose()
    {
        keeper?.Dispose();
        files?.Dispose();
        Assert.Empty(kernel.Leaks);
        Assert.Empty(kernel.Violations);
    }

    [Fact]
    public void A_file_that_cannot_be_synced_is_removed_and_never_synced_again()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        IOutputFile file = Create("deep/heap", 5000);
        kernel.Faults.OnNth(SimOp.Sync, 1, EIO);
        Assert.Equal(FaultKind.SyncFailed, kept.Finish("deep/heap", file, 5000, 8192, end: null).Fault?.Kind);
        Assert.Equal(1, kernel.Faults.CountOf(SimOp.Sync));
        Assert.Null(kernel.Destination.Find("deep/heap"));
    }

    [Fact]
    public void A_finished_file_has_its_real_length_on_disk()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        Finish("heap", Create("heap", 5000), 5000, 8192);
        SimFile made = (SimFile)kernel.Destination.Children["heap"];
        Assert.Equal((5000, false), (made.Pages.Length, made.IsDirty));
        Assert.False(kept.HasUnsynced);
    }

    [Fact]
    public void Among_many_files_only_large_ones_are_synced_one_by_one()
    {
        OutputKeeper kept = Keep(syncsEachFile: false);
        Finish("large", Create("large", 4096), 4096, 16 << 20);
        Assert.False(kept.HasUnsynced);
        Finish("small", Create("small", 4096), 4096, 4096);
        Assert.True(kept.HasUnsynced);
        Assert.Equal(1, kernel.Faults.CountOf(SimOp.Sync));
    }

    [Fact]
    public void A_discarded_file_is_removed_and_not_synced()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        kept.Discard("heap", Create("heap", 4096));
        Assert.Empty(kernel.Destination.Children);
        Assert.Equal(0, kernel.Faults.CountOf(SimOp.Sync));
    }

    [Fact]
    public void A_directory_that_was_created_and_not_opened_can_be_used_by_the_next_file()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.CreateDirectory, 1, EMFILE);
        Assert.False(kept.Create("deep/one", 4096).Try(out _, out Fault? fault));
        Assert.Equal(FaultKind.CreateFailed, fault.Kind);
        Create("deep/two", 4096);
    }

    [Fact]
    public void A_file_whose_length_cannot_be_set_is_removed()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        kernel.Faults.OnNth(SimOp.SetLength, 1, ENOSPC);
        Assert.False(kept.Create("heap", 4096).Try(out _, out Fault? fault));
        Assert.Equal(FaultKind.NoSpace, fault.Kind);
        Assert.Empty(kernel.Destination.Children);
    }

    [Fact]
    public void Finishing_a_file_twice_is_a_bug()
    {
        OutputKeeper kept = Keep(syncsEachFile: true);
        IOutputFile file = Create("heap", 0);
        Finish("heap", file, 0, 0);
        Assert.Throws<InvalidOperationException>(() => kept.Finish("heap", file, 0, 0, end: null));
        Assert.Throws<InvalidOperationException>(() => kept.Discard("heap", file));
    }

    private OutputKeeper Keep(bool syncsEachFile)
    {
        Assert.True(kernel.OpenDirectory(SimKernel.DestinationPath).Try(out files, out _));
        return keeper = new OutputKeeper(files, OutputIo.Direct, syncsEachFile);
    }

    private IOutputFile Create(string name, long sizeBytes)
    {
        Assert.True(keeper!.Create(name, sizeBytes).Try(out IOutputFile? file, out _));
        return file;
    }

    private void Finish(string name, IOutputFile file, long sizeBytes, long writtenBytes) =>
        Assert.Null(keeper!.Finish(name, file, sizeBytes, writtenBytes, end: null).Fault);
}
