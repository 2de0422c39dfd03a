using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Write;

public sealed class SegmentChecksumFileTests : IDisposable
{
    private static readonly SegmentDigest[] Two = [new(0, 17), new(5, ulong.MaxValue)];

    private readonly SimKernel kernel = new(new SimFaults(1));
    private readonly ISlabMemory memory;
    private readonly IDirectory bundle;
    private readonly SegmentChecksumFile checksums;

    public SegmentChecksumFileTests()
    {
        Assert.True(kernel.AllocateSlabs(SegmentGrid.SegmentBytes).Try(out memory!, out _));
        Assert.True(kernel.OpenDirectory(SimKernel.DestinationPath).Try(out bundle!, out _));
        checksums = new SegmentChecksumFile(bundle, OutputIo.Direct, memory.Address);
    }

    public void Dispose()
    {
        checksums.Dispose();
        bundle.Dispose();
        memory.Dispose();
        Assert.Empty(kernel.Leaks);
        Assert.Empty(kernel.Violations);
    }

    [Fact]
    public void Each_record_starts_on_a_block_and_is_as_the_format_says()
    {
        Assert.Equal(0, checksums.Add(Two));
        Assert.Equal(4096, checksums.Add([.. Enumerable.Range(0, 300).Select(static i => new SegmentDigest(i, 1))]));
        Assert.Equal(3 * 4096, checksums.Add(Two));
        checksums.Complete();
        SimFile file = (SimFile)kernel.Destination.Children["checksums"];
        Assert.Equal((4 * 4096, false), (file.Pages.Length, file.IsDirty));
        byte[] record = new byte[48];
        file.Pages.Read(3 * 4096, record);
        Assert.Equal(
            "424353554D533100" + "0200000000000000"
                + "0000000000000000" + "1100000000000000" + "0500000000000000" + "FFFFFFFFFFFFFFFF",
            Convert.ToHexString(record));
    }

    [Fact]
    public void Without_a_record_there_is_no_file()
    {
        checksums.Complete();
        Assert.Empty(kernel.Destination.Children);
        Assert.False(checksums.IsGivenUp);
    }

    [Fact]
    public void A_record_that_the_disk_has_no_space_for_is_left_out_and_the_others_stay()
    {
        Assert.Equal(0, checksums.Add(Two));
        kernel.Faults.OnNth(SimOp.Write, 2, ENOSPC);
        Assert.Null(checksums.Add(Two));
        Assert.Equal(4096, checksums.Add(Two));
        checksums.Complete();
        Assert.False(checksums.IsGivenUp);
        Assert.Equal(2 * 4096, ((SimFile)kernel.Destination.Children["checksums"]).Pages.Length);
    }

    [Fact]
    public void A_record_that_was_written_in_part_is_cut_off()
    {
        Assert.Equal(0, checksums.Add(Two));
        // The first of two writes gets through.
        kernel.Faults.Hook = static (op, _, offset) => op == SimOp.Write && offset > 4096 ? ENOSPC : 0;
        kernel.Faults.ShortWrites = 1;
        Assert.Null(checksums.Add([.. Enumerable.Range(0, 5000).Select(static i => new SegmentDigest(i, 1))]));
        checksums.Complete();
        Assert.Equal(4096, ((SimFile)kernel.Destination.Children["checksums"]).Pages.Length);
    }

    [Theory]
    [InlineData(SimOp.Sync)]
    [InlineData(SimOp.SetLength)]
    [InlineData(SimOp.Identify)]
    public void A_file_that_cannot_be_completed_is_removed_and_given_up(SimOp op)
    {
        checksums.Add(Two);
        kernel.Faults.OnNth(op, 1, EIO);
        checksums.Complete();
        Assert.True(checksums.IsGivenUp);
        Assert.Empty(kernel.Destination.Children);
        Assert.False(checksums.IsChanged());
    }

    [Fact]
    public void A_file_that_another_process_has_changed_is_noticed()
    {
        checksums.Add(Two);
        checksums.Complete();
        Assert.False(checksums.IsChanged());
        ((SimFile)kernel.Destination.Children["checksums"]).Pages.SetLength(7);
        Assert.True(checksums.IsChanged());
        kernel.Destination.Children.Remove("checksums");
        Assert.True(checksums.IsChanged());
    }

    [Fact]
    public void A_name_that_another_process_has_taken_is_not_written_to()
    {
        SimFile theirs = new();
        kernel.Destination.Children.Add("checksums", theirs);
        Assert.Null(checksums.Add(Two));
        checksums.Complete();
        Assert.True(checksums.IsGivenUp);
        Assert.Same(theirs, kernel.Destination.Children["checksums"]);
    }
}
