using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Segments;
using static BundleCopier.Read.ReaderProtocol;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Bunches: small files that go through reader and writer together, in one lease, one order and one request to the disk for
/// many. That is all they share. Each has its own part of the slab and its own outcome, which is taken in like any other,
/// and after a worker's death goes on alone.
/// </summary>
internal sealed partial class SegmentFlow
{
    /// <summary>What is larger is copied as fast by itself.</summary>
    public const int MaxBunchedBytes = 64 * 1024;

    // As many as a request to the disk takes.
    private const int MaxBunched = 128;

    public void Read(BunchRead read)
    {
        if (readers.Take(read.Reader, read.Ticket) is not { } first)
            return;
        SegmentJob[] toWrite = [.. first.Bunch!.Where((shipment, i) => !IsSettled(shipment, read.Outcomes[i]))];
        if (toWrite.Length > 0)
            placed.Enqueue(Lead(toWrite));
        Dispatch();
    }

    public void Written(BunchWritten written)
    {
        if (writers.Take(written.Writer, written.Ticket) is not { } first)
            return;
        SegmentJob[] bunch = first.Bunch!;
        pace.WrittenSmall(written.Outcomes.Sum(static o => (long)o.DataBytes));
        for (int i = 0; i < bunch.Length; i++)
            Arrived(bunch[i], written.Outcomes[i]);
        Dispatch();
    }

    /// <summary>Takes in what was read. True when there is nothing to be written of it.</summary>
    private bool IsSettled(SegmentJob shipment, SegmentOutcome read)
    {
        shipment.Read = read;
        bool isZero = shipment.Lease.Runs.Count == 0;
        if (isZero)
            shipment.File.Tape?.Ready(shipment.Segment, shipment, null);
        // A segment that is tried again goes to a writer even when there is nothing left in it: what was written the first
        // time must be taken away. A compressed one has not been written before.
        if (!(isZero && (shipment.Attempt == 0 || shipment.Frame is not null)) && shipment.Segment < shipment.File.BrokenAt)
            return false;
        Settle(shipment, read.ValidBytes, writtenBytes: 0, read.Fault);
        return true;
    }

    private void Arrived(SegmentJob shipment, SegmentOutcome written)
    {
        Judge(shipment, written.DataBytes);
        int validBytes = Math.Min(shipment.Read.ValidBytes, written.ValidBytes);
        Settle(shipment, validBytes, written.DataBytes, shipment.Read.Fault ?? written.Fault);
    }

    private bool CanJoin(FileRecord file) =>
        file is { IsSmall: true, IsPendingNew: true } && ChooseTravel(file.Source!) == ReadMode.Slab;

    /// <summary>The files that may go with one that is next, and itself.</summary>
    private List<FileRecord> FindBunch(FileRecord first)
    {
        List<FileRecord> found = [];
        int sizeBytes = 0;
        for (int i = active.IndexOf(first); i < active.Count && found.Count < MaxBunched; i++)
        {
            FileRecord file = active[i];
            if (file.Stage != FileStage.Copying || file.Pending == 0)
                continue;
            // Nobody is overtaken by what is less important.
            if (!CanJoin(file) || sizeBytes + PartBytes(file) > SegmentGrid.SegmentBytes)
                break;
            found.Add(file);
            sizeBytes += PartBytes(file);
        }

        return found;
    }

    private SegmentJob SetOut(List<FileRecord> files)
    {
        Lease slab = pool.Rent();
        SegmentJob[] bunch = new SegmentJob[files.Count];
        int at = 0;
        for (int i = 0; i < bunch.Length; i++)
        {
            bunch[i] = SetOut(files[i], slab.LendPart(at, PartBytes(files[i])), frame: null);
            at += PartBytes(files[i]);
        }

        return Lead(bunch);
    }

    private void SendTo(int reader, SegmentJob shipment)
    {
        if (shipment.Bunch is { } bunch)
            crew.ToReader(reader, new ReadBunch(shipment.Ticket, Array.ConvertAll(bunch, ReadOrder)));
        else
            crew.ToReader(reader, ReadOrder(shipment));
    }

    private void WriteBy(int writer, SegmentJob shipment)
    {
        if (shipment.Bunch is { } bunch)
            crew.ToWriter(writer, new WriteBunch(shipment.Ticket, Array.ConvertAll(bunch, WriteOrder)));
        else
            crew.ToWriter(writer, WriteOrder(shipment));
    }

    private ReadSegment ReadOrder(SegmentJob shipment) =>
        new(shipment.Ticket, shipment.File.Source!, shipment.Segment, shipment.ReadMode, shipment.Lease);

    private WriteSegment WriteOrder(SegmentJob shipment) =>
        new(
            shipment.Ticket, shipment.File.Source!, shipment.File.Output!, shipment.Segment, shipment.Lease, shipment.Attempt > 0,
            PiecesAWriter, pace.IoLimits.PieceBytes);

    private static long DataBytes(SegmentJob shipment) =>
        shipment.Bunch?.Sum(static s => (long)s.Lease.Runs.TotalBytes) ?? shipment.Lease.Runs.TotalBytes;

    // The first of a bunch stands for all of it.
    private static SegmentJob Lead(SegmentJob[] bunch)
    {
        bunch[0].Bunch = bunch;
        return bunch[0];
    }

    private static int PartBytes(FileRecord file) => (int)Alignment.Up(file.Source!.Status.SizeBytes);
}
