using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Manifest;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Write;
using static BundleCopier.Govern.GovernProtocol;
using static BundleCopier.Plan.ScoutProtocol;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// The life of one copy, as a state machine: it is told what happened and gives orders to its crew. Pure and synchronous:
/// no thread, no actor, no system call but the clock. Files are opened in their order and finished as they come; the
/// segments between are the business of <see cref="SegmentFlow"/>.
/// </summary>
internal sealed partial class CopyFlow
{
    // Files between opening and finish that are not known to be small: each keeps the workers busy by itself.
    private const int MaxActiveFiles = 32;

    // Small files with them: four messages full of them are on their way, so that everybody always has one.
    private const int MaxActiveSmallFiles = 256;

    // Descriptors that are needed for other things; each active file may have two.
    private const int OtherDescriptors = 256;

    private readonly BundleManifest manifest;
    private readonly CopySettings settings;
    private readonly SlabPool pool;
    private readonly ICrew crew;
    private readonly IKernel kernel;
    private readonly SegmentFlow segments;
    private readonly DateTimeOffset startedAt;

    // In the order of opening, so that what is more important is always served first.
    private readonly List<FileRecord> active = [];
    private readonly Dictionary<int, FileRecord> activeByIndex = [];
    private readonly int maxActive;
    private int smallCount;
    private bool hasNew;
    private SourceListing? listing;
    private FileOutcome[] outcomes = [];
    private int nextToOpen;
    private int doneCount;
    private int incompleteCount;
    private long knownDataBytes;
    private long cachedBytes;
    private bool isCacheKnown = true;
    private long faultsBefore;
    private OutputIo io;
    private Fault? stopCause;
    private BundleReceipt? receipt;
    private BystanderWatch? bystanders; // from the start on
    private ReceiptCanary? canary;
    private GovernorFigures governed;
    private long startedMs;
    private bool hasStarted;

    public CopyFlow(BundleManifest manifest, CopySettings settings, IoLimits dials, SlabPool pool, ICrew crew, IKernel kernel)
    {
        this.manifest = manifest;
        this.settings = settings;
        this.pool = pool;
        this.crew = crew;
        this.kernel = kernel;
        governed = new GovernorFigures() { MinWindowBytes = dials.WindowBytes, MaxWindowBytes = dials.WindowBytes };
        startedAt = kernel.UtcNow;
        startedMs = kernel.MonotonicMs;
        maxActive = Math.Clamp((kernel.DescriptorLimit - OtherDescriptors) / 3, MaxActiveFiles, MaxActiveSmallFiles);
        segments = new SegmentFlow(settings, dials, pool, crew, kernel, active, DrainedMaybe);
    }

    public CopyPhase Phase { get; private set; }

    public CopyProgress Progress => new(
        Phase,
        doneCount,
        incompleteCount,
        FileCount,
        segments.SettledDataBytes,
        knownDataBytes,
        (long)pool.InFlight * SegmentGrid.SegmentBytes,
        TimeSpan.FromMilliseconds(hasStarted ? kernel.MonotonicMs - startedMs : 0));

    /// <summary>Begins, once: whoever says so first.</summary>
    public void Start()
    {
        if (hasStarted)
            return;
        hasStarted = true;
        startedMs = kernel.MonotonicMs;
        bystanders = new BystanderWatch(kernel.ReadHost(), kernel.PageTableBytes());
        crew.ToScout(new ListSources(manifest));
    }

    /// <summary>Takes no new work and commits what is there. Too late once the bundle is being committed.</summary>
    public void Cancel()
    {
        Stop(Fault.Of(FaultKind.Cancelled));
        Start();
    }

    public void ReaderDied(int reader)
    {
        if (segments.ReaderDied(reader))
            Stop(Fault.Of(FaultKind.WorkerDied, "too many workers died"));
    }

    public void CompressorDied(int compressor)
    {
        if (segments.CompressorDied(compressor))
            Stop(Fault.Of(FaultKind.WorkerDied, "too many workers died"));
    }

    /// <summary>The time that the crew was asked to wait has passed.</summary>
    public void Wake() => segments.Wake();

    public void WriterDied(int writer)
    {
        if (segments.WriterDied(writer))
            Stop(Fault.Of(FaultKind.WorkerDied, "too many workers died"));
    }

    /// <summary>Takes an answer of the crew, or many of them.</summary>
    public void Handle(object answer)
    {
        foreach (object one in answer is Batch many ? many.Messages : [answer])
            Take(one);
        // Only now, so that small files that come together go on together.
        if (Phase == CopyPhase.Copying)
            OpenMore();
        if (hasNew)
            segments.Dispatch();
        hasNew = false;
    }

    private void Take(object answer)
    {
        switch (answer)
        {
            case HostRead host:
                bystanders?.Add(host.Reading, host.PageTableBytes);
                crew.ToGovernor(segments.Look());
                break;
            case DialsTurned turned:
                governed = turned.Figures;
                segments.Turn(turned.IoLimits);
                break;
            case CanaryRead measured:
                canary = measured.Figures;
                break;
            case SourcesListed listed:
                Listed(listed);
                break;
            case BundlePrepared prepared:
                io = prepared.Io;
                Phase = CopyPhase.Copying;
                if (prepared.Overlaps)
                    segments.Overlap();
                faultsBefore = kernel.MajorFaults();
                break;
            case BundleRefused refused:
                Conclude(new CopyResult.Refused(refused.Refusal));
                break;
            case BundleCommitted committed:
                Conclude(new CopyResult.Committed(committed.Path, receipt!));
                break;
            case SourceOpened opened:
                Opened(opened);
                break;
            case SourceRefused refused:
                Done(FindActive(refused.Index), new FileOutcome(refused.Fault));
                break;
            case OutputCreated created:
                Created(created);
                break;
            case OutputRefused refused:
                Lost(FindActive(refused.Index), refused.Fault);
                break;
            case SegmentsPlanned planned:
                segments.Planned(FindActive(planned.Index), planned.Plan);
                break;
            case Read.ReaderProtocol.SegmentRead read:
                segments.Read(read);
                break;
            case Compress.CompressorProtocol.SegmentCompressed packed:
                segments.Packed(packed);
                break;
            case WriterProtocol.SegmentWritten written:
                segments.Written(written);
                break;
            case Read.ReaderProtocol.BunchRead read:
                segments.Read(read);
                break;
            case WriterProtocol.BunchWritten written:
                segments.Written(written);
                break;
            case SourceReleased released:
                Released(released);
                break;
            case OutputFinished finished:
                Finished(finished);
                break;
            default:
                throw new InvalidOperationException($"Nobody answers with {answer.GetType().Name}.");
        }
    }

    private void Listed(SourcesListed listed)
    {
        if (!listed.Listing.IsOk)
        {
            Conclude(new CopyResult.Invalid(listed.Listing.Error));
            return;
        }

        listing = listed.Listing.Value;
        outcomes = new FileOutcome[listing.Count];
        Phase = CopyPhase.Preparing;
        crew.ToKeeper(new PrepareBundle(manifest, listing.Count, listing.ReceiptBytes));
    }

    private void OpenMore()
    {
        int room = RoomForMore();
        while (room > 0 && nextToOpen < FileCount)
        {
            SourceListing.Entry entry = listing![nextToOpen++];
            Fault? fault = entry.Fault ?? stopCause;
            if (fault is not null)
            {
                Note(entry.File.Index, new FileOutcome(fault));
                continue;
            }

            room--;
            FileRecord file = new(entry.File);
            active.Add(file);
            activeByIndex.Add(entry.File.Index, file);
            crew.ToScout(new OpenSource(entry.File));
        }

        if (doneCount == FileCount && Phase == CopyPhase.Copying)
            Commit();
    }

    private int FileCount => listing?.Count ?? 0;

    private int RoomForMore()
    {
        if (active.Count - smallCount >= MaxActiveFiles)
            return 0;
        int room = Math.Min(MaxActiveFiles + (8 * smallCount), maxActive) - active.Count;
        // Small ones are opened many at once, or the messages would get ever smaller.
        return smallCount > 0 && room < maxActive / 8 ? 0 : room;
    }

    private void Opened(SourceOpened opened)
    {
        FileRecord file = FindActive(opened.Source.Planned.Index);
        file.Open(opened.Source);
        file.AddPlan(opened.Plan);
        smallCount += file.IsSmall ? 1 : 0;
        knownDataBytes += EstimatedBytes(opened.Source);
        if (stopCause is not null)
        {
            Lost(file, stopCause);
            return;
        }

        file.Stage = FileStage.Creating;
        crew.ToKeeper(new CreateOutput(file.Planned, opened.Source.Status.SizeBytes, opened.Source.IsCompressed));
    }

    private void Created(OutputCreated created)
    {
        FileRecord file = FindActive(created.Index);
        file.Output = created.Output;
        file.Stage = FileStage.Copying;
        if (stopCause is not null)
            file.GiveUp(stopCause);
        hasNew = true;
        DrainedMaybe(file);
    }

    /// <summary>There will be no output; only the source is left to be closed.</summary>
    private void Lost(FileRecord file, Fault fault)
    {
        file.GiveUp(fault);
        file.Lose(fault);
        Release(file);
    }

    private void DrainedMaybe(FileRecord file)
    {
        if (file.Stage == FileStage.Copying && file.IsDrained)
            Release(file);
    }

    private void Release(FileRecord file)
    {
        file.Stage = FileStage.Releasing;
        crew.ToScout(new ReleaseSource(file.Source!));
    }

    private void Released(SourceReleased released)
    {
        FileRecord file = FindActive(released.Index);
        file.IsStable = released.IsStable;
        if (released.Fault is not null)
            file.Blame(released.Fault);
        if (file.Output is null)
        {
            Done(file, OutcomeOf(file));
            return;
        }

        file.Stage = FileStage.Finishing;
        long sizeBytes = file.Source!.Status.SizeBytes;
        StreamEnd? end = file.EndTape(); // may find that nothing is left to keep
        crew.ToKeeper(new FinishOutput(file.Planned, file.Output, sizeBytes, file.WrittenBytes, Discard: !file.HasOutput, file.Source.IsCompressed, end));
    }

    private void Finished(OutputFinished finished)
    {
        FileRecord file = FindActive(finished.Index);
        if (finished.Fault is not null)
            file.Lose(finished.Fault);
        file.WrittenBytes += finished.WrittenBytes;
        isCacheKnown &= finished.CachedBytes >= 0;
        cachedBytes += Math.Max(0, finished.CachedBytes);
        Done(file, OutcomeOf(file));
    }

    private FileOutcome OutcomeOf(FileRecord file) => new(file, file.Source!, settings.Checksum);

    // How much data there is in ranges only reading tells.
    private static long EstimatedBytes(OpenedSource source) => Math.Min(source.Status.AllocatedBytes, source.Ranges.TotalBytes);

    private void Done(FileRecord file, in FileOutcome outcome)
    {
        if (outcome.IsComplete)
            knownDataBytes += file.DataBytes - EstimatedBytes(file.Source!);
        active.Remove(file);
        activeByIndex.Remove(file.Planned.Index);
        smallCount -= file.IsSmall ? 1 : 0;
        Note(file.Planned.Index, outcome);
    }

    private void Note(int index, in FileOutcome outcome)
    {
        outcomes[index] = outcome;
        doneCount++;
        incompleteCount += outcome.IsComplete ? 0 : 1;
    }

    private FileRecord FindActive(int index) =>
        activeByIndex.TryGetValue(index, out FileRecord? file) ? file : throw new InvalidOperationException($"File {index} is not being copied.");
}
