using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Settings;
using BundleCopier.Write;
using static BundleCopier.Compress.CompressorProtocol;
using static BundleCopier.Read.ReaderProtocol;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Sends segments through readers, compressors and writers, each in leases of the budget. A segment only sets out when
/// there is a lease for all it will ever need (two where it is compressed), and they come back when it is on disk: that is
/// all the back-pressure there is, and it is enough, because nothing else holds data, and nothing on its way can wait for
/// a lease. Pure and synchronous.
/// </summary>
internal sealed partial class SegmentFlow
{
    // One retry: a segment that kills two workers is the bug's, not the workers'.
    private const int MaxAttempts = 2;
    private const int MaxDeaths = 64;

    // Planned segments of a file below which the scout is asked for more; a plan brings up to 64.
    private const int PlanLowWater = 32;

    private readonly SlabPool pool;
    private readonly ICrew crew;
    private readonly IKernel kernel;
    private readonly List<FileRecord> active;
    private readonly Action<FileRecord> drainedMaybe;
    private readonly WorkerPool readers;
    private readonly WorkerPool compressors;
    private readonly WorkerPool writers;
    private readonly RateGate gate;
    private readonly int maxInFlight; // in segments
    private readonly CompressChoice choice;
    private readonly WriteStats pace;
    private readonly Queue<SegmentJob> again = new();
    private readonly Queue<SegmentJob> filled = new();
    private readonly Queue<SegmentJob> placed = new();

    // Pages of 2 MiB and scattered ones of 4 KiB are different sources.
    private TravelChoice travels;
    private TravelChoice hugeTravels;
    private long nextTicket;
    private int underWay;
    private int deaths;
    private bool isWakeAsked;

    public SegmentFlow(
        CopySettings settings, IoLimits dials, SlabPool pool, ICrew crew, IKernel kernel, List<FileRecord> active, Action<FileRecord> drainedMaybe)
    {
        this.pool = pool;
        this.crew = crew;
        this.kernel = kernel;
        this.active = active;
        this.drainedMaybe = drainedMaybe;
        readers = new WorkerPool(settings.ReaderThreads);
        compressors = new WorkerPool(settings.CompressorThreads);
        writers = new WorkerPool(settings.WriterThreads);
        maxInFlight = (int)SegmentGrid.CountOf((long)dials.Pieces * dials.PieceBytes);
        (travels, hugeTravels) = (NewTrial(), NewTrial());
        gate = new RateGate(settings.WriterMaxRateBytes);
        choice = new CompressChoice(settings.CompressorThreads, settings.WriterMaxRateBytes);
        pace = new WriteStats(dials, kernel.MonotonicUs);
        Heed(dials);
    }

    /// <summary>Data that has come to its end: on disk, or found to be zeros.</summary>
    public long SettledDataBytes { get; private set; }

    /// <summary>
    /// Writers need not wait for their writes from now on: the disk gets all that it may have at once from one thread, which reads meanwhile, and
    /// who is late with reading gets help.
    /// </summary>
    public void Overlap()
    {
        // As the window is at its most; a smaller one leaves a writer its usual two orders, which is what it gets at least. One
        // more waits, so that the disk need not until an end has come here and the next order back, between neighbours who want processors.
        readers.PileUp(maxTogether: null);
        writers.PileUp(maxTogether: maxInFlight + 1);
        (travels, hugeTravels) = (NewTrial(), NewTrial());
    }

    /// <summary>Sets the dials differently, for all that is ordered from now on.</summary>
    public void Turn(IoLimits dials)
    {
        pace.Turn(dials);
        Heed(dials);
        Dispatch();
    }

    /// <summary>What the writes were like since the last look.</summary>
    public GovernProtocol.WritesSeen Look() => pace.Look(kernel.MonotonicUs);

    public void Planned(FileRecord file, SegmentPlan plan)
    {
        file.IsPlanAsked = false;
        if (!file.IsGivenUp)
            file.AddPlan(plan);
        Dispatch();
        drainedMaybe(file);
    }

    public void Read(SegmentRead read)
    {
        if (readers.Take(read.Reader, read.Ticket) is not { } shipment)
            return;
        if (!IsSettled(shipment, read.Outcome))
            (shipment.Frame is null ? placed : filled).Enqueue(shipment);
        Place(shipment.File);
        Dispatch();
    }

    public void Packed(SegmentCompressed packed)
    {
        if (compressors.Take(packed.Compressor, packed.Ticket) is not { } shipment)
            return;
        shipment.Packed = packed.Packed;
        if (shipment.IsCompressed)
            choice.Compressed(ContentBytes(shipment), packed.ElapsedUs, shrank: !packed.Packed.IsStored);
        if (shipment.Segment >= shipment.File.BrokenAt)
            ReturnLease(shipment);
        else
            shipment.File.Tape!.Ready(shipment.Segment, shipment, packed.Packed);
        Place(shipment.File);
        Dispatch();
        drainedMaybe(shipment.File);
    }

    public void Written(SegmentWritten written)
    {
        int atWork = writers.AtWork;
        if (writers.Take(written.Writer, written.Ticket) is not { } shipment)
            return;
        pace.Written(shipment.Turns, written.Outcome.DataBytes, written.PieceUs);
        if (written.IsSourceLost)
        {
            Resend(shipment, isGuilty: true);
        }
        else if (shipment.Frame is not null && written.Outcome.Fault is { } fault)
        {
            Break(shipment, fault);
        }
        else
        {
            if (shipment.Frame is not null)
                choice.Written(written.Outcome.DataBytes, written.ElapsedUs, atWork);
            Arrived(shipment, written.Outcome);
        }

        Dispatch();
    }

    /// <summary>Takes back what a dead reader had. True when so many have died that going on makes no sense.</summary>
    public bool ReaderDied(int reader) => Died(readers.TakeAll(reader), Resend);

    /// <summary>Takes back what a dead compressor had. True when so many have died that going on makes no sense.</summary>
    public bool CompressorDied(int compressor) => Died(compressors.TakeAll(compressor), Resend);

    /// <summary>Takes back what a dead writer had. True when so many have died that going on makes no sense.</summary>
    public bool WriterDied(int writer) => Died(writers.TakeAll(writer), (shipment, isGuilty) =>
    {
        // A placed frame cannot be made anew: its source may have changed, and it would not fit its place.
        if (shipment.Frame is null)
            Resend(shipment, isGuilty);
        else
            Break(shipment, LostWorker(shipment));
    });

    /// <summary>The time for a limited write may have come.</summary>
    public void Wake()
    {
        isWakeAsked = false;
        Dispatch();
    }

    private void Settle(SegmentJob shipment, int validBytes, int writtenBytes, Fault? fault)
    {
        FileRecord file = shipment.File;
        long start = shipment.Segment * SegmentGrid.SegmentBytes;
        if (fault is not null)
        {
            file.Blame(fault);
            file.Miss(start + validBytes, start + SegmentGrid.SegmentBytes);
        }

        if (shipment.Lease.Digest is { } digest)
            file.AddDigest(shipment.Segment, digest);
        file.DataBytes += shipment.Read.DataBytes;
        file.Travelled(shipment.ReadMode, shipment.Read.DataBytes);
        file.WrittenBytes += writtenBytes;
        SettledDataBytes += shipment.Read.DataBytes;
        ReturnLease(shipment);
        drainedMaybe(file);
    }

    /// <summary>Ends a compressed file before a segment that could not be written.</summary>
    private void Break(SegmentJob shipment, Fault fault)
    {
        FileRecord file = shipment.File;
        file.BreakAt(shipment.Segment, fault);
        foreach (SegmentJob waiting in file.Tape!.Abandon())
        {
            // Segments of zeros have gone home already.
            if (waiting.Lease.Holder == LeaseHolder.Supervisor && waiting.IsUnderWay)
                ReturnLease(waiting);
        }

        ReturnLease(shipment);
        drainedMaybe(file);
    }

    /// <summary>Sends a segment on its way once more, or gives it up.</summary>
    private void Resend(SegmentJob shipment, bool isGuilty)
    {
        FileRecord file = shipment.File;
        if (file.IsGivenUp || (isGuilty && shipment.Attempt + 1 >= MaxAttempts))
        {
            file.MissSegment(shipment.Segment, file.IsGivenUp ? Fault.Of(FaultKind.Cancelled) : LostWorker(shipment));
            // In a compressed file what is missing is zeros, so that the rest keeps its place.
            if (shipment.Segment < file.BrokenAt)
                file.Tape?.Ready(shipment.Segment, shipment, null);
            ReturnLease(shipment);
            Place(file);
        }
        else if (shipment.Frame is null)
        {
            ReturnLease(shipment);
            file.Retry(shipment.Segment, shipment.Attempt + (isGuilty ? 1 : 0));
        }
        else
        {
            // Its leases stay with it: those behind it wait for it, and may hold all the others.
            again.Enqueue(new SegmentJob(
                nextTicket++, file, shipment.Segment, shipment.Attempt + (isGuilty ? 1 : 0), ReadMode.Slab, shipment.Lease, shipment.Frame));
        }

        drainedMaybe(file);
    }

    private bool Died(SegmentJob[] shipments, Action<SegmentJob, bool> handle)
    {
        deaths++;
        for (int i = 0; i < shipments.Length; i++)
        {
            // Orders are worked on in turn, and what was answered has been taken: it died of the first. The others were
            // only waiting behind it, and must not be given up for what it did. Of a bunch nobody knows which it was: all
            // go on by themselves, and only the guilty one will kill another.
            foreach (SegmentJob shipment in shipments[i].Bunch ?? [shipments[i]])
            {
                shipment.Lease.Reclaim();
                shipment.Frame?.Reclaim();
                handle(shipment, i == 0);
            }
        }

        Dispatch();
        return deaths > MaxDeaths;
    }

    private void ReturnLease(SegmentJob shipment)
    {
        shipment.IsUnderWay = false;
        if (pool.Return(shipment.Lease))
            underWay--;
        if (shipment.Frame is not null)
            _ = pool.Return(shipment.Frame);
        shipment.File.InFlight--;
    }

    private void AskForWake(long waitMs)
    {
        if (isWakeAsked)
            return;
        isWakeAsked = true;
        crew.WakeAfter(waitMs);
    }

    private static int ContentBytes(SegmentJob shipment) =>
        (int)Math.Min(SegmentGrid.SegmentBytes, shipment.File.Source!.Status.SizeBytes - (shipment.Segment * SegmentGrid.SegmentBytes));

    private static Fault LostWorker(SegmentJob shipment) =>
        Fault.Of(FaultKind.WorkerDied, $"at offset {shipment.Segment * SegmentGrid.SegmentBytes}");
}
