using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Write;
using static BundleCopier.Govern.GovernProtocol;
using static BundleCopier.Plan.ScoutProtocol;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// The life of one copy, as a state machine: it is told what happened and gives orders to its crew. Pure and
/// synchronous: no thread, no actor, no system call but the clock. Files are opened in their order and finished as
/// they come (<see cref="FileStage"/>); the segments between are the work of <see cref="SegmentFlow"/>, and the
/// receipt that of
/// <see cref="ReceiptDesk"/>.
/// </summary>
internal sealed class CopyFlow
{
    // Files between opening and finish that are not known to be small: each keeps the workers busy by itself.
    private const int MaxActiveFiles = 32;

    // Small files with them: four messages full of them are on their way, so that no actor waits for the others.
    private const int MaxActiveSmallFiles = 256;

    // Descriptors that are needed for other things; each active file may have two.
    private const int OtherDescriptors = 256;

    private readonly BundleManifest manifest;
    private readonly SlabPool pool;
    private readonly ICrew crew;
    private readonly IKernel kernel;
    private readonly SegmentFlow segments;
    private readonly ReceiptDesk desk;

    // In the order of opening, so that the more important file is always served first.
    private readonly List<FileCopy> active = [];
    private readonly Dictionary<int, FileCopy> activeByIndex = [];
    private readonly int maxActive;
    private int smallCount;
    private bool hasNewSegments;
    private SourceListing? listing;
    private int nextToOpen;
    private long knownDataBytes;
    private Fault? stopCause;
    private long startedMs;
    private bool hasStarted;

    public CopyFlow(
        BundleManifest manifest, CopySettings settings, IoBoard board, SlabPool pool, ICrew crew, IKernel kernel)
    {
        this.manifest = manifest;
        this.pool = pool;
        this.crew = crew;
        this.kernel = kernel;
        startedMs = kernel.MonotonicMs;
        maxActive = Math.Clamp((kernel.DescriptorLimit - OtherDescriptors) / 3, MaxActiveFiles, MaxActiveSmallFiles);
        segments = new SegmentFlow(settings, board, pool, crew, active, Release);
        desk = new ReceiptDesk(manifest, settings, board.Limits, pool, kernel);
    }

    public CopyPhase Phase { get; private set; }

    public CopyProgress Progress => new(
        Phase,
        desk.DoneCount,
        desk.IncompleteCount,
        FileCount,
        segments.SettledDataBytes,
        knownDataBytes,
        (long)pool.InFlight * SegmentGrid.SegmentBytes,
        TimeSpan.FromMilliseconds(hasStarted ? kernel.MonotonicMs - startedMs : 0));

    /// <summary>Begins; a second call does nothing.</summary>
    public void Start()
    {
        if (hasStarted)
            return;
        hasStarted = true;
        startedMs = kernel.MonotonicMs;
        desk.Start();
        crew.ToScout(new ListSources(manifest));
    }

    /// <summary>Takes no new work and commits what is there. Too late once the bundle is being committed.</summary>
    public void Cancel()
    {
        Stop(Fault.Of(FaultKind.Cancelled));
        Start();
    }

    /// <summary>A bug was met, and the workers are being stopped.</summary>
    public bool IsRecalling => segments.IsRecalling;

    /// <summary>A worker has met a bug.</summary>
    /// <param name="inHand">The job that it worked on; null where that is not known.</param>
    public void WorkerFailed(SegmentJob? inHand) => segments.WorkerFailed(inHand);

    /// <summary>All workers have stopped, as <see cref="ICrew.StopWorkers"/> asked.</summary>
    public void CrewStopped()
    {
        if (segments.CrewStopped())
            Stop(Fault.Of(FaultKind.WorkerDied, "too many workers died"));
        foreach (FileCopy file in active.ToArray())
        {
            if (file.Segments is { IsDrained: true })
                Release(file);
        }

        if (Phase != CopyPhase.Copying)
            return;
        crew.HireWorkers();
        segments.Dispatch();
    }

    /// <summary>Takes an answer of the crew, or a batch of them.</summary>
    public void Handle(object answer)
    {
        foreach (object one in answer is Batch batch ? batch.Messages : [answer])
            Take(one);
        // Only now, so that small files that come together go on together.
        if (Phase == CopyPhase.Copying)
            OpenMore();
        if (hasNewSegments)
            segments.Dispatch();
        hasNewSegments = false;
    }

    /// <summary>The copy's state in plain words, to find out why a copy hangs.</summary>
    public void Describe(StateReport report)
    {
        report.Line($"phase {Phase}, {desk.DoneCount} of {FileCount} files done, {active.Count} active"
            + (stopCause is null ? "" : $", stopping ({stopCause.Code})"));
        segments.Describe(report);
        foreach (FileCopy file in active)
            report.File(file);
    }

    private void Take(object answer)
    {
        switch (answer)
        {
            case HostRead host:
                desk.Read(host);
                break;
            case LimitsChanged changed:
                desk.Governed = changed.Figures;
                segments.LimitsChanged();
                break;
            case CanaryRead measured:
                desk.Canary = measured.Figures;
                break;
            case SourcesListed listed:
                Listed(listed);
                break;
            case BundlePrepared prepared:
                Prepared(prepared);
                break;
            case BundleRefused refused:
                Conclude(new CopyResult.Refused(refused.Refusal));
                break;
            case BundleCommitted committed:
                Conclude(new CopyResult.Committed(committed.Path, desk.Receipt));
                break;
            case SourceOpened opened:
                Opened(opened);
                break;
            case SourceRefused refused:
                Done(Find(refused.Index), new FileOutcome(refused.Fault), data: null);
                break;
            case OutputCreated created:
                Created(created);
                break;
            case OutputRefused refused:
                FileCopy lost = Find(refused.Index);
                ReleaseWithoutOutput(lost, In<FileStage.Creating>(lost).Source, refused.Fault);
                break;
            case SegmentsPlanned planned:
                segments.Planned(Find(planned.Index), planned.Plan);
                break;
            case WriterProtocol.SegmentsSettled settled:
                segments.Settled(settled);
                break;
            case SourceReleased released:
                Released(released);
                break;
            case OutputFinished finished:
                Finished(finished);
                break;
            default:
                throw new InvalidOperationException($"No worker answers with {answer.GetType().Name}.");
        }
    }

    private int FileCount => listing?.Count ?? 0;

    private void Listed(SourcesListed listed)
    {
        if (!listed.Listing.IsOk)
        {
            Conclude(new CopyResult.Invalid(listed.Listing.Error));
            return;
        }

        listing = listed.Listing.Value;
        desk.Expect(listing);
        Enter(CopyPhase.Preparing);
        crew.ToKeeper(new PrepareBundle(manifest, listing.Count, listing.ReceiptBytes));
    }

    private void Prepared(BundlePrepared prepared)
    {
        desk.Prepared(prepared.Io, prepared.SyncsDirectories);
        Enter(CopyPhase.Copying);
        if (prepared.Overlaps)
            segments.Overlap();
    }

    private void OpenMore()
    {
        int room = RoomForMore();
        while (room > 0 && nextToOpen < FileCount)
        {
            SourceListing.Entry entry = listing![nextToOpen++];
            if ((entry.Fault ?? stopCause) is { } fault)
            {
                desk.Note(entry.File.Index, new FileOutcome(fault));
                continue;
            }

            room--;
            FileCopy file = new(entry.File);
            Enter(file, file.Stage);
            active.Add(file);
            activeByIndex.Add(entry.File.Index, file);
            crew.ToScout(new OpenSource(entry.File));
        }

        if (desk.DoneCount == FileCount && Phase == CopyPhase.Copying)
            Commit();
    }

    private int RoomForMore()
    {
        if (active.Count - smallCount >= MaxActiveFiles)
            return 0;
        int room = Math.Min(MaxActiveFiles + (8 * smallCount), maxActive) - active.Count;
        // Small files are opened many at once, or the messages would get ever smaller.
        return smallCount > 0 && room < maxActive / 8 ? 0 : room;
    }

    private void Opened(SourceOpened opened)
    {
        FileCopy file = Find(opened.Source.Planned.Index);
        file.IsSmall = SegmentFlow.IsSmall(opened.Source);
        smallCount += file.IsSmall ? 1 : 0;
        knownDataBytes += EstimatedBytes(opened.Source);
        if (stopCause is { } cause)
        {
            ReleaseWithoutOutput(file, opened.Source, cause);
            return;
        }

        Enter(file, new FileStage.Creating(opened.Source, opened.Plan));
        crew.ToKeeper(new CreateOutput(file.Planned, opened.Source.Status.SizeBytes, opened.Source.IsCompressed));
    }

    private void Created(OutputCreated created)
    {
        FileCopy file = Find(created.Index);
        FileStage.Creating creating = In<FileStage.Creating>(file);
        FileSegments planned = new(new FileLane(creating.Source, created.Output), creating.Plan);
        Enter(file, new FileStage.Copying(planned));
        if (stopCause is { } cause)
            planned.Stop(cause);
        hasNewSegments = true;
        if (planned.IsDrained)
            Release(file);
    }

    private void Release(FileCopy file)
    {
        FileSegments copied = In<FileStage.Copying>(file).Segments;
        Enter(file, new FileStage.Releasing(copied.Source, copied, Fault: null));
        crew.ToScout(new ReleaseSource(copied.Source));
    }

    private void ReleaseWithoutOutput(FileCopy file, OpenedSource source, Fault fault)
    {
        Enter(file, new FileStage.Releasing(source, Segments: null, fault));
        crew.ToScout(new ReleaseSource(source));
    }

    private void Released(SourceReleased released)
    {
        FileCopy file = Find(released.Index);
        FileStage.Releasing releasing = In<FileStage.Releasing>(file);
        if (releasing.Segments is not { } copied)
        {
            Done(file, desk.Outcome(releasing.Source, released.IsStable, releasing.Fault!), data: null);
            return;
        }

        if (released.Fault is not null)
            copied.Blame(released.Fault);
        StreamEnd? end = copied.EndStream(); // may find that nothing is left to keep
        Enter(file, new FileStage.Finishing(releasing.Source, copied, released.IsStable));
        crew.ToKeeper(new FinishOutput(
            file.Planned,
            copied.Lane.Output,
            copied.Source.Status.SizeBytes,
            copied.WrittenBytes,
            Discard: !copied.HasContent,
            copied.Source.IsCompressed,
            end));
    }

    private void Finished(OutputFinished finished)
    {
        FileCopy file = Find(finished.Index);
        FileStage.Finishing finishing = In<FileStage.Finishing>(file);
        finishing.Segments.WrittenBytes += finished.WrittenBytes;
        desk.Cached(finished.CachedBytes);
        // A file whose end could not be written is lost as a whole: nothing in it can be relied on.
        FileOutcome outcome =
            desk.Outcome(finishing.Source, finishing.IsStable, finishing.Segments, lost: finished.Fault);
        Done(file, outcome, finishing.Segments);
    }

    private void Done(FileCopy file, in FileOutcome outcome, FileSegments? data)
    {
        if (outcome.IsComplete && data is not null)
            knownDataBytes += data.DataBytes - EstimatedBytes(data.Source);
        active.Remove(file);
        activeByIndex.Remove(file.Planned.Index);
        smallCount -= file.IsSmall ? 1 : 0;
        desk.Note(file.Planned.Index, outcome);
    }

    // The amount of data in a range is known only after the range is read.
    private static long EstimatedBytes(OpenedSource source) =>
        Math.Min(source.Status.AllocatedBytes, source.Ranges.TotalBytes);

    /// <summary>
    /// No new file is opened, no output created, and no segment sets out any more; what is on its way arrives.
    /// </summary>
    private void Stop(Fault cause)
    {
        if (stopCause is not null || Phase >= CopyPhase.Committing)
            return;
        stopCause = cause;
        crew.Trace($"stopping: {cause.Code}");
        foreach (FileCopy file in active.ToArray())
        {
            if (file.Segments is not { } copied)
                continue;
            copied.Stop(cause);
            if (copied.IsDrained)
                Release(file);
        }
    }

    private void Commit()
    {
        // Before the bundle gets its name: a leak that is found later would contradict the receipt.
        AssertAllReturned();
        Enter(CopyPhase.Committing);
        crew.StopWorkers();
        crew.ToKeeper(new CommitBundle(desk.Draft(stopCause)));
    }

    private void Conclude(CopyResult result)
    {
        AssertAllReturned();
        Enter(CopyPhase.Done);
        crew.Conclude(result);
    }

    private void AssertAllReturned()
    {
        if (pool.InFlight != 0)
            throw new InvalidOperationException($"The copy is over and {pool.InFlight} leases are out.");
    }

    private void Enter(CopyPhase phase)
    {
        Phase = phase;
        crew.Trace($"phase: {phase}");
    }

    private void Enter(FileCopy file, FileStage stage)
    {
        file.Stage = stage;
        if (crew.IsTraced)
            crew.Trace($"{Printable.Of(file.Planned.Name)}: {stage.GetType().Name}");
    }

    private static TStage In<TStage>(FileCopy file)
        where TStage : FileStage => file.Stage as TStage
            ?? throw new InvalidOperationException(
                $"File {file.Planned.Index} is {file.Stage.GetType().Name}, not {typeof(TStage).Name}.");

    private FileCopy Find(int index) => activeByIndex.TryGetValue(index, out FileCopy? file)
        ? file
        : throw new InvalidOperationException($"File {index} is not being copied.");
}
