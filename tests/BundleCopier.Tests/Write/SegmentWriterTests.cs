using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Write;

public sealed class SegmentWriterTests
{
    private const int Page = SimPages.PageBytes;

    [Fact]
    public void The_last_free_block_of_a_full_disk_is_used()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        desk.Kernel.SpaceBytes = 37 * Page;
        WriteOutcome outcome = Write(desk);
        Assert.Equal(FaultKind.NoSpace, outcome.Fault?.Kind);
        Assert.Equal(37 * Page, outcome.ValidBytes);
        Assert.Equal(37, desk.Written.Present.Count);
        Assert.Equal(desk.Expected(37 * Page), desk.DigestOf(37 * Page));
    }

    [Theory]
    [InlineData(ReadMode.Slab)]
    [InlineData(ReadMode.Map)]
    public void Of_a_segment_that_is_stopped_the_written_start_is_valid_and_the_digest_is_of_it(ReadMode mode)
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), mode);
        const int written = 256 << 10;
        Assert.True(desk.Output.Write(desk.Lease.Payload, written, 0).IsOk);
        Fault cause = Fault.Of(FaultKind.Cancelled);
        WriteOutcome outcome = new SegmentWriter(desk.Options).Stop(desk.Job(mode: mode), written, cause);
        Assert.Equal((cause, written, written), (outcome.Fault, outcome.ValidBytes, outcome.WrittenBytes));
        Assert.Equal(desk.Expected(written), desk.DigestOf(written));
        Assert.Null(desk.Lease.Window);
    }

    [Fact]
    public void Of_a_segment_that_is_stopped_before_its_first_write_nothing_is_valid()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Map);
        Fault cause = Fault.Of(FaultKind.Cancelled);
        WriteOutcome outcome =
            new SegmentWriter(desk.Options).Stop(desk.Job(mode: ReadMode.Map), endOffset: null, cause);
        Assert.Equal(new WriteOutcome(0, 0, cause), outcome);
        Assert.Equal((0, null, null), (desk.Lease.Runs.Count, desk.Lease.Digest, desk.Lease.Window));
    }

    [Fact]
    public void After_a_write_failed_twice_the_digest_is_of_the_kept_bytes()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        desk.Kernel.Faults.ShortWrites = 1;
        int failed = 0;
        desk.Kernel.Faults.Hook = (op, _, offset) => op == SimOp.Write && offset > 0 && ++failed > 0 ? EIO : 0;
        WriteOutcome outcome = Write(desk);
        Assert.Equal((FaultKind.WriteFailed, 2), (outcome.Fault?.Kind, failed));
        Assert.InRange(outcome.ValidBytes, Page, (1 << 20) - Page);
        Assert.Equal(desk.Expected(outcome.ValidBytes), desk.DigestOf(outcome.ValidBytes));
    }

    [Fact]
    public void After_a_write_failed_once_everything_is_written_again_and_nothing_is_missing()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        desk.Kernel.Faults.OnNth(SimOp.Write, 3, EIO);
        WriteOutcome outcome = new SegmentWriter(desk.Options).Write(desk.Job(), 256 << 10, isLast: false);
        Assert.Equal((null, 1 << 20, 1 << 20), (outcome.Fault, outcome.ValidBytes, outcome.WrittenBytes));
        Assert.Equal(desk.Expected(1 << 20), desk.DigestOf(1 << 20));
        Assert.Equal(3 + 4, desk.Kernel.Faults.CountOf(SimOp.Write));
    }

    [Fact]
    public void Bytes_that_were_written_behind_a_failed_write_become_a_hole_again()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        Assert.True(desk.Output.Write(desk.Lease.Address + (512 << 10), 512 << 10, 512 << 10).IsOk);
        desk.Kernel.Faults.Hook = (op, _, offset) => op == SimOp.Write && offset == 256 << 10 ? EIO : 0;
        WriteOutcome outcome = new SegmentWriter(desk.Options).Write(desk.Job(), 256 << 10, isLast: true);
        Assert.Equal((FaultKind.WriteFailed, 256 << 10), (outcome.Fault!.Kind, outcome.ValidBytes));
        Assert.Equal(64, desk.Written.Present.Count);
        Assert.Equal(desk.Expected(256 << 10), desk.DigestOf(256 << 10));
    }

    [Fact]
    public void A_segment_goes_to_the_disk_in_pieces_no_larger_than_asked_for()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        int writes = 0;
        desk.Kernel.Faults.Hook = (op, _, _) =>
        {
            writes += op == SimOp.Write ? 1 : 0;
            return 0;
        };
        WriteOutcome outcome = new SegmentWriter(desk.Options).Write(desk.Job(), 192 << 10, isLast: false);
        Assert.Null(outcome.Fault);
        Assert.Equal(1 << 20, outcome.WrittenBytes);
        Assert.Equal(6, writes);
    }

    [Fact]
    public void A_mapped_source_that_shrank_must_be_read_again()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Map);
        desk.Source.Change(desk.Kernel, pages => pages.SetLength(Page));
        bool isSourceLost = new SegmentWriter(desk.Options).Write(desk.Job(), SegmentGrid.SegmentBytes, isLast: false)
            .IsSourceLost;
        Assert.True(isSourceLost);
    }

    [Theory]
    [InlineData("punched since")]
    [InlineData("reserved")]
    public void A_window_with_holes_that_was_taken_for_data_must_be_read_again_and_allocates_no_memory(string what)
    {
        SimPages pages = SimContent.Dense(1, 1 << 20);
        if (what == "reserved")
        {
            pages.Drop(7);
            pages.Reserve(7);
        }

        using SegmentFixture desk = Filled(pages, ReadMode.Map);
        Assert.True(desk.Lease.IsTakenForWritten);
        if (what == "punched since")
            desk.Source.Change(desk.Kernel, source => source.Drop(7));
        bool isSourceLost = new SegmentWriter(desk.Options).Write(desk.Job(), SegmentGrid.SegmentBytes, isLast: false)
            .IsSourceLost;
        Assert.True(isSourceLost);
        Assert.False(desk.Source.Pages.IsData(7));
        Assert.Empty(desk.Written.Present);
    }

    [Fact]
    public void Mapped_segments_are_hashed_from_the_disk_and_their_zeros_become_holes()
    {
        SimPages pages = SimContent.Dense(1, (1 << 20) - 100);
        pages.Put(3, new byte[Page]);
        pages.Drop(9);
        using SegmentFixture desk = Filled(pages, ReadMode.Map);
        WriteOutcome outcome = Write(desk);
        Assert.Null(outcome.Fault);
        Assert.False(desk.Written.IsPresent(3));
        Assert.Equal(254 * Page, outcome.WrittenBytes);
        Assert.Equal(desk.Expected((1 << 20) - 100), desk.DigestOf((1 << 20) - 100));
        Assert.False(desk.Source.Pages.IsPresent(9));
    }

    [Fact]
    public void Bytes_that_cannot_be_read_back_are_not_in_the_ranges()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Map);
        desk.Kernel.Faults.OnNth(SimOp.ReadBack, 1, EIO);
        WriteOutcome outcome = Write(desk);
        Assert.Equal((0, FaultKind.WriteFailed), (outcome.ValidBytes, outcome.Fault?.Kind));
        Assert.Null(desk.Lease.Digest);
    }

    [Fact]
    public void A_filesystem_without_holes_keeps_zeros_and_the_right_digest()
    {
        SimPages pages = SimContent.Dense(1, 1 << 20);
        pages.Put(3, new byte[Page]);
        using SegmentFixture desk = Filled(pages, ReadMode.Map);
        desk.Kernel.Faults.Sometimes(SimOp.PunchHole, 1, EOPNOTSUPP);
        WriteOutcome outcome = Write(desk);
        Assert.Null(outcome.Fault);
        Assert.Equal(1 << 20, outcome.WrittenBytes);
        Assert.Equal(desk.Expected(1 << 20), desk.DigestOf(1 << 20));
    }

    [Fact]
    public void A_second_attempt_removes_the_bytes_of_the_first_one()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        _ = Write(desk);
        desk.Source.Change(desk.Kernel, pages => pages.Drop(7));
        _ = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Slab, desk.Lease);
        Assert.Null(Write(desk, isRetry: true).Fault);
        Assert.False(desk.Written.IsPresent(7));
        Assert.Equal(desk.Expected(1 << 20), desk.DigestOf(1 << 20));
    }

    [Fact]
    public void A_second_attempt_that_cannot_clear_the_first_claims_nothing()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        desk.Kernel.Faults.OnNth(SimOp.PunchHole, 1, EIO);
        WriteOutcome outcome = Write(desk, isRetry: true);
        Assert.Equal((0, FaultKind.WriteFailed), (outcome.ValidBytes, outcome.Fault?.Kind));
        Assert.Null(desk.Lease.Digest);
    }

    [Fact]
    public void Where_there_are_no_holes_a_second_attempt_writes_zeros_over_what_the_first_one_wrote()
    {
        using SegmentFixture desk = Filled(SimContent.Dense(1, 1 << 20), ReadMode.Slab);
        _ = Write(desk);
        desk.Source.Change(desk.Kernel, pages => pages.Drop(7));
        _ = new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Slab, desk.Lease);
        desk.Kernel.Faults.Sometimes(SimOp.PunchHole, 1, EOPNOTSUPP);
        WriteOutcome outcome = Write(desk, isRetry: true);
        Assert.Equal((null, 1 << 20), (outcome.Fault, outcome.ValidBytes));
        Assert.All(desk.Written.Page(7).ToArray(), static b => Assert.Equal(0, b));
        Assert.Equal(desk.Expected(1 << 20), desk.DigestOf(1 << 20));
    }

    private static SegmentFixture Filled(SimPages pages, ReadMode mode)
    {
        SegmentFixture desk = new(pages, mode);
        Assert.Null(new SegmentReader(desk.Options).Fill(desk.Opened, 0, desk.Opened.ReadMode, desk.Lease).Fault);
        return desk;
    }

    private static WriteOutcome Write(SegmentFixture desk, bool isRetry = false)
    {
        SegmentJob job = desk.Job(isRewrite: isRetry, mode: desk.Lease.Window is null ? ReadMode.Slab : ReadMode.Map);
        if (isRetry && SegmentWriter.Clear(job) is { } failed)
            return failed;
        WriteOutcome outcome = new SegmentWriter(desk.Options).Write(job, SegmentGrid.SegmentBytes, isLast: isRetry);
        Assert.False(outcome.IsSourceLost);
        return outcome;
    }
}
