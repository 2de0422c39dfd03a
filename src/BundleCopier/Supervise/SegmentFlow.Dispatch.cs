using BundleCopier.Compress;
using BundleCopier.Govern;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Plan;
using static BundleCopier.Compress.CompressorProtocol;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Supervise;

/// <summary>Giving out work: what sets out next and which way, who gets it, and when the dials and the rate let it pass.</summary>
internal sealed partial class SegmentFlow
{
    /// <summary>Gives every worker that has too little to do something to do.</summary>
    public void Dispatch()
    {
        WritePlaced();
        while (filled.Count > 0 && compressors.FindIdle() is >= 0 and int compressor)
            Compress(compressor, filled.Dequeue());
        while (FindReader() is >= 0 and int reader && SetOut() is { } shipment)
        {
            shipment.Reader = shipment.Bunch is null ? reader : readers.FindFreest();
            readers.Give(shipment.Reader, shipment);
            SendTo(shipment.Reader, shipment);
        }

        PlanAhead();
    }

    private void Heed(in IoLimits dials)
    {
        readers.LimitTo(dials.Readers);
        writers.LimitTo(dials.Writers);
        gate.LimitTo(dials.RateBytes);
        choice.Heed(dials.RateBytes);
    }

    private void WritePlaced()
    {
        while (placed.TryPeek(out SegmentJob? shipment) && FindWriter(shipment) is >= 0 and int writer)
        {
            if (shipment.Segment >= shipment.File.BrokenAt)
            {
                placed.Dequeue();
                ReturnLease(shipment);
                drainedMaybe(shipment.File);
                continue;
            }

            long bytes = shipment.Frame is null ? DataBytes(shipment) : FrameLayout.Of(shipment.Placement.ZeroBytes, shipment.Packed).TotalBytes;
            if (!gate.TryPass(bytes, kernel.MonotonicMs, out long waitMs))
            {
                AskForWake(waitMs);
                return;
            }

            placed.Dequeue();
            writers.Give(writer, shipment);
            shipment.Turns = pace.Turns;
            if (shipment.Frame is null)
                WriteBy(writer, shipment);
            else
                crew.ToWriter(writer, new WriteFrame(shipment.Ticket, shipment.File.Output!, shipment.Placement, shipment.Packed, shipment.Lease, ContentBytes(shipment), shipment.Frame, PiecesAWriter, pace.IoLimits.PieceBytes));
        }
    }

    // Two threads that read at once are in each other's way: without the second a GiB took a sixth less processor time, and no longer
    // (docs/benchmarks/decisions.md). It helps when the disk is about to have nothing to do.
    private int FindReader() => writers.IsShort && placed.Count == 0 && filled.Count == 0 ? readers.FindIdle() : readers.FindFirst();

    // What its writer waits for, whatever it is told, goes to whoever has least.
    private int FindWriter(SegmentJob shipment) =>
        shipment.Bunch is null && shipment.Attempt == 0 ? writers.FindIdle(shipment.Reader) : writers.FindFreest();

    private int PiecesAWriter => Math.Max(1, pace.IoLimits.Pieces / writers.AtWork);

    private void Compress(int compressor, SegmentJob shipment)
    {
        CompressEffort effort = shipment.File.Source!.Compression == Compression.Lz4 ? CompressEffort.Compress : choice.Next();
        shipment.IsCompressed = effort != CompressEffort.Store;
        compressors.Give(compressor, shipment);
        crew.ToCompressor(compressor, new CompressSegment(shipment.Ticket, shipment.Lease, ContentBytes(shipment), shipment.Frame!, effort));
    }

    /// <summary>Gives places to all that are ready and in order.</summary>
    private void Place(FileRecord file)
    {
        if (file.Tape is null)
            return;
        while (file.Tape.Next(out SegmentJob? shipment, out _, out Placement? placement))
        {
            // A segment of zeros is settled already; it only kept the others' places from being taken.
            if (placement is not { } found)
                continue;
            shipment!.Placement = found;
            placed.Enqueue(shipment);
        }
    }

    private void PlanAhead()
    {
        foreach (FileRecord file in active)
        {
            if (file.Stage != FileStage.Copying || !file.WantsPlan || file.Pending >= PlanLowWater)
                continue;
            file.IsPlanAsked = true;
            crew.ToScout(new ScoutProtocol.PlanSegments(file.Source!, file.Position));
        }
    }

    /// <summary>The next segment to be read, with all the memory it will need; null when there is none, or not enough.</summary>
    private SegmentJob? SetOut()
    {
        if (again.TryDequeue(out SegmentJob? shipment))
            return shipment;
        FileRecord? file = active.Find(static f => f.Stage == FileStage.Copying && f.Pending > 0);
        int leases = file?.Tape is null ? 1 : 2;
        // More than everybody can have in hand would only wait in memory that is otherwise never touched.
        int maxUnderWay = readers.Room + writers.Room + (leases == 1 ? 0 : compressors.Room + compressors.Count);
        if (file is null || underWay >= Math.Min(maxUnderWay, pace.IoLimits.MaxSegments) || Math.Min(pool.Capacity, pace.IoLimits.MaxLeases) - pool.InFlight < leases)
            return null;

        underWay++;
        return CanJoin(file) && FindBunch(file) is { Count: > 1 } files ? SetOut(files) : SetOut(file, pool.Rent(), leases == 1 ? null : pool.Rent());
    }

    private SegmentJob SetOut(FileRecord file, Lease lease, Lease? frame)
    {
        (long segment, int attempt) = file.TakePending();
        file.InFlight++;
        file.Tape?.Expect(segment);
        // What a mapping could not deliver, because the source was cut, pread can still tell the exact end of.
        ReadMode travel = attempt > 0 ? ReadMode.Slab : ChooseTravel(file.Source!);
        return new SegmentJob(nextTicket++, file, segment, attempt, travel, lease, frame);
    }

    private ReadMode ChooseTravel(OpenedSource source) =>
        !source.IsTravelOpen ? source.ReadMode
        : IsTrial(source) ? ChoiceFor(source).Next()
        : ChoiceFor(source).Chosen ?? ReadMode.Slab;

    private void Judge(SegmentJob shipment, long dataBytes)
    {
        OpenedSource source = shipment.File.Source!;
        TravelChoice? judged = IsTrial(source) && shipment.Attempt == 0 && dataBytes == SegmentGrid.SegmentBytes ? ChoiceFor(source) : null;
        judged?.Arrived(shipment.ReadMode, dataBytes, kernel.MonotonicUs);
        if (judged != travels)
            travels.Interrupted();
        if (judged != hugeTravels)
            hugeTravels.Interrupted();
    }

    private static bool IsTrial(OpenedSource source) => source.IsTravelOpen && source.Status.AllocatedBytes >= TravelChoice.SmallestFileBytes;

    private TravelChoice NewTrial() => new(readers.Room + writers.Room);

    private TravelChoice ChoiceFor(OpenedSource source) => source.Source.Traits.IsHugePageBacked ? hugeTravels : travels;
}
