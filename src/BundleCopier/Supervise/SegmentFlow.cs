using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using static BundleCopier.Read.ReaderProtocol;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// Sends segments through readers and writers, each in a lease of the budget. A segment only sets out when there is a
/// lease for it, and the lease comes back when the segment is on disk: that is all the back-pressure there is, and it is
/// enough, because nothing else holds data. Pure and synchronous.
/// </summary>
internal sealed class SegmentFlow
{
    // One retry: a segment that kills two workers is the bug's, not the workers'.
    private const int MostAttempts = 2;
    private const int MostDeaths = 64;

    // Planned segments of a file below which the scout is asked for more; a plan brings up to 64.
    private const int PlanLowWater = 32;

    private readonly SlabPool pool;
    private readonly ICrew crew;
    private readonly List<FileRecord> active;
    private readonly Action<FileRecord> drainedMaybe;
    private readonly Roster readers;
    private readonly Roster writers;
    private readonly int mostInFlight;
    private readonly Queue<Shipment> filled = new();
    private long nextTicket;
    private int deaths;

    public SegmentFlow(CopySettings settings, SlabPool pool, ICrew crew, List<FileRecord> active, Action<FileRecord> drainedMaybe)
    {
        this.pool = pool;
        this.crew = crew;
        this.active = active;
        this.drainedMaybe = drainedMaybe;
        readers = new Roster(settings.ReaderThreads);
        writers = new Roster(settings.WriterThreads);
        // More than everybody can have in hand would only wait in memory that is otherwise never touched.
        mostInFlight = readers.Room + writers.Room;
    }

    /// <summary>Data that has come to its end: on disk, or found to be zeros.</summary>
    public long SettledDataBytes { get; private set; }

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
        shipment.Read = read.Outcome;
        // A segment that is tried again goes to a writer even when there is nothing left in it: what was written the first
        // time must be taken away.
        if (shipment.Lease.Runs.Count == 0 && shipment.Attempt == 0)
            Settle(shipment, read.Outcome.ValidBytes, writtenBytes: 0, read.Outcome.Fault);
        else
            filled.Enqueue(shipment);
        Dispatch();
    }

    public void Written(SegmentWritten written)
    {
        if (writers.Take(written.Writer, written.Ticket) is not { } shipment)
            return;
        if (written.IsSourceLost)
        {
            Resend(shipment, isGuilty: true);
        }
        else
        {
            int validBytes = Math.Min(shipment.Read.ValidBytes, written.Outcome.ValidBytes);
            Settle(shipment, validBytes, written.Outcome.DataBytes, shipment.Read.Fault ?? written.Outcome.Fault);
        }

        Dispatch();
    }

    /// <summary>Takes back what a dead reader had. True when so many have died that going on makes no sense.</summary>
    public bool ReaderDied(int reader) => Died(readers.TakeAll(reader));

    /// <summary>Takes back what a dead writer had. True when so many have died that going on makes no sense.</summary>
    public bool WriterDied(int writer) => Died(writers.TakeAll(writer));

    /// <summary>Gives every worker that has too little to do something to do.</summary>
    public void Dispatch()
    {
        while (filled.Count > 0 && writers.FindIdle() is >= 0 and int writer)
        {
            Shipment shipment = filled.Dequeue();
            writers.Give(writer, shipment);
            crew.ToWriter(writer, new WriteSegment(
                shipment.Ticket, shipment.File.Source!, shipment.File.Output!, shipment.Segment, shipment.Lease, shipment.Attempt > 0));
        }

        while (!pool.IsEmpty && pool.InFlight < mostInFlight && readers.FindIdle() is >= 0 and int reader && FindPending() is { } file)
        {
            Shipment shipment = SetOut(file);
            readers.Give(reader, shipment);
            crew.ToReader(reader, new ReadSegment(shipment.Ticket, file.Source!, shipment.Segment, shipment.Travel, shipment.Lease));
        }

        PlanAhead();
    }

    private FileRecord? FindPending()
    {
        foreach (FileRecord file in active)
        {
            if (file.Stage == FileStage.Copying && file.Pending > 0)
                return file;
        }

        return null;
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

    private Shipment SetOut(FileRecord file)
    {
        (long segment, int attempt) = file.TakePending();
        file.InFlight++;
        // What a mapping could not deliver, because the source was cut, pread can still tell the exact end of.
        Travel travel = attempt > 0 ? Travel.Slab : file.Source!.Travel;
        return new Shipment(nextTicket++, file, segment, attempt, travel, pool.Rent());
    }

    private void Settle(Shipment shipment, int validBytes, int writtenBytes, Fault? fault)
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
        file.WrittenBytes += writtenBytes;
        SettledDataBytes += shipment.Read.DataBytes;
        ComeHome(shipment);
        drainedMaybe(file);
    }

    /// <summary>Sends a segment on its way once more, or gives it up.</summary>
    private void Resend(Shipment shipment, bool isGuilty)
    {
        FileRecord file = shipment.File;
        ComeHome(shipment);
        if (file.IsGivenUp)
            file.MissSegment(shipment.Segment, Fault.Of(FaultKind.Cancelled));
        else if (isGuilty && shipment.Attempt + 1 >= MostAttempts)
            file.MissSegment(shipment.Segment, Fault.Of(FaultKind.WorkerDied, $"at offset {shipment.Segment * SegmentGrid.SegmentBytes}"));
        else
            file.Retry(shipment.Segment, shipment.Attempt + (isGuilty ? 1 : 0));
        drainedMaybe(file);
    }

    private bool Died(Shipment[] shipments)
    {
        deaths++;
        for (int i = 0; i < shipments.Length; i++)
        {
            shipments[i].Lease.Reclaim();
            // Orders are worked on in turn, and what was answered has been taken: it died of the first. The others were
            // only waiting behind it, and must not be given up for what it did.
            Resend(shipments[i], isGuilty: i == 0);
        }

        Dispatch();
        return deaths > MostDeaths;
    }

    private void ComeHome(Shipment shipment)
    {
        pool.Return(shipment.Lease);
        shipment.File.InFlight--;
    }
}
