using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Tests.Simulation;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Read;

public sealed class SegmentReaderTests
{
    private const int Page = SimPages.PageBytes;

    [Fact]
    public void A_source_that_shrank_is_valid_up_to_its_new_end()
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 1 << 20));
        desk.Source.Change(desk.Kernel, pages => pages.SetLength(300_001));
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Slab, desk.Lease);
        Assert.Equal(FaultKind.SourceShrank, outcome.Fault?.Kind);
        Assert.Equal(300_001, outcome.ValidBytes);
        Assert.Equal(300_001, outcome.DataBytes);
        Assert.Equal(74 * Page, desk.Lease.Runs.TotalBytes);
        Assert.All(desk.Lease.Slab[300_001..(74 * Page)].ToArray(), b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Where_windows_do_not_tell_holes_readers_of_one_file_walk_it_once(bool tellsWritten, int walks)
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 4 << 20), ReadMode.Map, zeroDetection: false);
        desk.Kernel.TellsWritten = tellsWritten;
        Assert.Equal(walks, WalksOf(desk, ReadMode.Map, segments: 4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_dense_segment_is_not_walked_and_one_with_zero_pages_only_once(bool hasZeroPages)
    {
        SimPages pages = SimContent.Dense(1, 4 << 20);
        for (int page = 1; page < 1024 && hasZeroPages; page += 99)
            pages.Put(page, new byte[Page]);
        using SegmentFixture desk = new(pages, zeroDetection: false);
        Assert.Equal(hasZeroPages ? 1 : 0, WalksOf(desk, ReadMode.Slab, segments: 4));
        Assert.Equal(1 << 20, desk.Lease.Runs.TotalBytes);
    }

    [Theory]
    [InlineData(ReadMode.Slab, true)]
    [InlineData(ReadMode.Map, false)]
    public void Pages_that_were_reserved_and_never_written_are_holes_also_without_zero_detection(
        ReadMode travel, bool tellsWritten)
    {
        SimPages pages = SimContent.Dense(1, 1 << 20);
        pages.Drop(7);
        pages.Reserve(7);
        using SegmentFixture desk = new(pages, travel, zeroDetection: false);
        desk.Kernel.TellsWritten = tellsWritten;
        Assert.True(desk.Opened.Source.IsPopulated(0, 1 << 20));
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, travel, desk.Lease);
        Assert.Equal((1 << 20, (1 << 20) - Page), (outcome.ValidBytes, outcome.DataBytes));
        Assert.Equal(
            [new Run(0, 7 * Page), new Run(8 * Page, (1 << 20) - (8 * Page))], desk.Lease.Runs.AsSpan().ToArray());
    }

    [Fact]
    public void A_source_that_cannot_be_read_is_valid_up_to_the_failed_place()
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 1 << 20));
        desk.Kernel.Faults.Hook = (op, _, offset) => op == SimOp.Read && offset >= 1 << 19 ? EIO : 0;
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Slab, desk.Lease);
        Assert.Equal(FaultKind.ReadFailed, outcome.Fault?.Kind);
        Assert.Equal(1 << 19, outcome.ValidBytes);
        Assert.Equal(1 << 19, desk.Lease.Runs.TotalBytes);
    }

    [Fact]
    public void A_mapped_segment_whose_walk_fails_keeps_what_was_found_in_a_window()
    {
        SimPages pages = SimContent.Dense(1, 1 << 20);
        pages.Drop(5);
        using SegmentFixture desk = new(pages, ReadMode.Map);
        desk.Kernel.Faults.Hook = (op, _, offset) => op == SimOp.SeekData && offset >= 5 * Page ? EIO : 0;
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Map, desk.Lease);
        Assert.Equal(FaultKind.ReadFailed, outcome.Fault?.Kind);
        Assert.Equal(5 * Page, outcome.ValidBytes);
        Assert.Equal(5 * Page, desk.Lease.Runs.TotalBytes);
        Assert.NotNull(desk.Lease.Window);
    }

    [Fact]
    public void Without_a_window_nothing_is_written()
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 1 << 20), ReadMode.Map);
        desk.Kernel.Faults.OnNth(SimOp.Map, 1, ENOMEM);
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Map, desk.Lease);
        Assert.Equal((0, "ENOMEM"), (outcome.ValidBytes, outcome.Fault?.Code));
        Assert.Equal(0, desk.Lease.Runs.Count);
    }

    private static int WalksOf(SegmentFixture desk, ReadMode travel, int segments)
    {
        int walks = 0;
        desk.Kernel.Faults.Hook = (op, _, _) => op == SimOp.SeekHole && ++walks < 0 ? EIO : 0;
        SegmentReader[] readers = [new(desk.Options), new(desk.Options)];
        for (int segment = 0; segment < segments; segment++)
            Assert.Null(readers[segment % 2].Fill(desk.Opened, segment, travel, desk.Lease).Fault);
        return walks;
    }

    [Fact]
    public void Ranges_that_share_a_block_are_all_copied_and_nothing_else()
    {
        using SegmentFixture desk = new(
            SimContent.Dense(1, 1 << 20), ReadMode.Slab, zeroDetection: false, new Extent(10, 20), new Extent(100, 50),
            new Extent(4000, 200));
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Slab, desk.Lease);
        Assert.Null(outcome.Fault);
        Assert.Equal(270, outcome.DataBytes);
        byte[] expected = new byte[2 * Page];
        foreach ((int offset, int length) in new[] { (10, 20), (100, 50), (4000, 200) })
            desk.Source.Pages.Read(offset, expected.AsSpan(offset, length));
        Assert.Equal(expected, desk.Lease.Slab[..(2 * Page)].ToArray());
        Assert.Equal(2 * Page, desk.Lease.Runs.TotalBytes);
    }

    [Fact]
    public void All_remaining_bytes_of_a_cut_block_that_several_ranges_share_count()
    {
        using SegmentFixture desk = new(
            SimContent.Dense(1, 300), ReadMode.Slab, zeroDetection: true, new Extent(0, 100), new Extent(200, 100));
        desk.Source.Change(desk.Kernel, pages => pages.SetLength(250));
        SegmentOutcome outcome = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Slab, desk.Lease);
        Assert.Equal((250, 150), (outcome.ValidBytes, outcome.DataBytes));
    }
}
