using Akka.Actor;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Read;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Write;

public sealed class OverlappedWriterTests
{
    private const int KiB = 1 << 10;
    private const int Pieces = 2;

    private readonly Disk disk = new();
    private readonly List<(object Order, bool HasFailed, int Sharers)> over = [];

    [Fact]
    public void The_next_piece_is_begun_as_soon_as_one_has_ended_and_never_are_there_more_than_may_be()
    {
        OverlappedWriter writer = Writer();
        writer.Begin(Order(writer, "a", 256, new WriteStretch(0, 1024 * KiB, 0)));
        writer.Begin(Order(writer, "b", 256, new WriteStretch(4096 * KiB, 512 * KiB, 8192 * KiB)));
        List<long> offsets = [];
        while (writer.IsBusy)
        {
            Assert.InRange(disk.UnderWay.Count, 1, Pieces);
            offsets.Add(disk.UnderWay[0].Offset / KiB);
            disk.End(0);
            writer.Look(wait: false);
        }

        Assert.Equal([0, 256, 512, 768, 8192, 8192 + 256], offsets);
        Assert.Equal([("a", false, 2), ("b", false, 2)], over);
    }

    [Fact]
    public void Who_may_have_fewer_in_flight_than_he_has_begins_nothing_until_there_are_fewer()
    {
        OverlappedWriter writer = Writer();
        writer.Limit = 4;
        writer.Begin(Order(writer, "a", 256, new WriteStretch(0, 2048 * KiB, 0)));
        Assert.Equal(4, disk.UnderWay.Count);
        writer.Limit = 2;
        foreach (int left in (int[])[3, 2, 2, 2])
        {
            disk.End(0);
            writer.Look(wait: false);
            Assert.Equal(left, disk.UnderWay.Count);
        }
    }

    [Fact]
    public void What_lies_together_in_the_file_goes_together_and_what_does_not_goes_alone()
    {
        OverlappedWriter writer = Writer();
        writer.Begin(Order(
            writer, "frame", 1024, new(0, 4 * KiB, 0), new(900 * KiB, 512 * KiB, 4 * KiB), new(4 * KiB, 8 * KiB, 516 * KiB), new(12 * KiB, 4 * KiB, 600 * KiB)));
        Assert.Equal([3, 1], disk.UnderWay.Select(w => w.Pieces.Length));
        Assert.Equal([524 * KiB, 4 * KiB], disk.UnderWay.Select(w => w.Pieces.Sum(p => p.Length)));
        Assert.Equal([0, 600 * KiB], disk.UnderWay.Select(w => w.Offset));
    }

    [Theory]
    [InlineData(-5)] // EIO
    [InlineData(4096)]
    public void After_a_write_that_failed_or_stopped_short_no_more_is_begun_of_that_order_and_it_ends_when_the_last_piece_has(int result)
    {
        OverlappedWriter writer = Writer();
        writer.Begin(Order(writer, "a", 256, new WriteStretch(0, 1024 * KiB, 0)));
        disk.End(0, result);
        writer.Look(wait: false);
        Assert.Single(disk.UnderWay);
        Assert.Empty(over);
        disk.End(0);
        writer.Look(wait: false);
        Assert.Equal([("a", true, 2)], over);
    }

    [Fact]
    public void What_is_not_taken_has_failed_and_does_not_hold_up_the_others()
    {
        OverlappedWriter writer = Writer();
        disk.Refuses = true;
        writer.Begin(Order(writer, "a", 256, new WriteStretch(0, 1024 * KiB, 0)));
        Assert.Equal([("a", true, 0)], over);
        disk.Refuses = false;
        writer.Begin(Order(writer, "b", 1024, new WriteStretch(0, 1024 * KiB, 0)));
        Assert.Single(disk.UnderWay);
    }

    [Fact]
    public void A_mapped_window_is_asked_when_its_turn_has_come_and_not_when_it_was_ordered()
    {
        using SimDesk desk = new(SimContent.Dense(1, 1 << 20), ReadMode.Map, zeroDetection: false);
        Assert.Null(new SegmentReader(desk.Options).Fill(desk.Opened, 0, ReadMode.Map, desk.Lease).Fault);
        OverlappedWriter writer = Writer();
        writer.Begin(Order(writer, "a", 512, new WriteStretch(0, 1024 * KiB, 0)));
        WriteTask mapped = writer.Spare();
        mapped.Reset("mapped", ActorRefs.Nobody, null!, 512 * KiB, lease: desk.Lease);
        mapped.Add(new WriteStretch(desk.Lease.Payload, 1024 * KiB, 0));
        writer.Begin(mapped);
        desk.Source.Change(desk.Kernel, pages => pages.Drop(7));
        disk.End(0);
        writer.Look(wait: false);
        Assert.Single(disk.UnderWay);
        Assert.Equal([("mapped", true, 0)], over);
    }

    [Fact]
    public void What_goes_in_short_pieces_says_of_a_whole_one_what_it_took_for_as_many_bytes()
    {
        WriteTask task = new();
        task.Reset("a", ActorRefs.Nobody, null!, 256 * KiB, beforeUs: 70);
        Assert.Equal(0, task.PieceUs);
        for (int i = 0; i < 2; i++)
            task.Begun();
        task.Share(2);
        task.Ended(isWhole: true, 64 * KiB, tookUs: 100);
        task.Ended(isWhole: true, 64 * KiB, tookUs: 200);
        Assert.Equal((300, 70 + 150), (task.PieceUs, task.ElapsedUs));
        task.Begun();
        task.Ended(isWhole: true, 256 * KiB, tookUs: 300);
        Assert.Equal(400, task.PieceUs);
    }

    [Fact]
    public void Nobody_waits_where_nothing_is_under_way() => Writer().Look(wait: true);

    private OverlappedWriter Writer() => new(disk, new SimKernel(new SimFaults(1)), task => over.Add((task.Order, task.HasFailed, task.Sharers))) { Limit = Pieces };

    private static WriteTask Order(OverlappedWriter writer, string name, int pieceKiB, params WriteStretch[] stretches)
    {
        WriteTask task = writer.Spare();
        task.Reset(name, ActorRefs.Nobody, null!, pieceKiB * KiB);
        foreach (WriteStretch stretch in stretches)
            task.Add(stretch);
        return task;
    }

    /// <summary>Ends writes when a test says so.</summary>
    private sealed class Disk : IOverlappedWrites
    {
        private readonly List<EndedWrite> ended = [];

        public List<(int Tag, MemoryPiece[] Pieces, long Offset)> UnderWay { get; } = [];

        public bool Refuses { get; set; }

        public bool Begin(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
        {
            if (!Refuses)
                UnderWay.Add((tag, pieces.ToArray(), offset));
            return !Refuses;
        }

        public void End(int index, int? result = null)
        {
            (int tag, MemoryPiece[] pieces, _) = UnderWay[index];
            UnderWay.RemoveAt(index);
            int value = result ?? pieces.Sum(p => p.Length);
            ended.Add(new EndedWrite(tag, value < 0 ? IoResult.Failed(-value) : IoResult.Ok(value)));
        }

        public int Collect(Span<EndedWrite> found, bool wait)
        {
            int count = ended.Count;
            Assert.True(count > 0 || !wait, "This wait would never end.");
            ended.CopyTo(found);
            ended.Clear();
            return count;
        }

        public void Dispose()
        {
        }
    }
}
