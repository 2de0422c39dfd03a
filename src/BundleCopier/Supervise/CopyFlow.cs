using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Govern;
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
/// The phases of one copy: list, prepare, copy, commit. It takes what the crew reports and gives the crew orders.
/// <see cref="FileFlow"/> holds the stages of the files, <see cref="SegmentFlow"/> the segments, and
/// <see cref="ReceiptDesk"/> the receipt. Pure and synchronous: no thread, no actor, no system call but the clock.
/// </summary>
internal sealed class CopyFlow
{
    private readonly BundleManifest manifest;
    private readonly SlabPool pool;
    private readonly ICrew crew;
    private readonly IKernel kernel;
    private readonly SegmentFlow segments;
    private readonly FileFlow files;
    private readonly ReceiptDesk desk;
    private readonly HungSources hung;
    private readonly TimeSpan? deadline;
    private readonly long deadlineMs; // on the monotonic clock
    private long startedMs;
    private bool hasStarted;

    public CopyFlow(
        BundleManifest manifest,
        CopySettings settings,
        IoBoard board,
        SlabPool pool,
        ICrew crew,
        IKernel kernel,
        HungSources? hung = null)
    {
        this.manifest = manifest;
        this.pool = pool;
        this.crew = crew;
        this.kernel = kernel;
        startedMs = kernel.MonotonicMs;
        deadline = settings.Deadline;
        deadlineMs = startedMs + (long)settings.DeadlineRest.TotalMilliseconds;
        segments = new SegmentFlow(settings, board, pool, crew);
        desk = new ReceiptDesk(manifest, settings, board.Limits, pool, kernel);
        this.hung = hung ?? new HungSources(kernel);
        files = new FileFlow(crew, segments, desk, this.hung, kernel.DescriptorLimit);
    }

    public CopyPhase Phase { get; private set; }

    public CopyProgress Progress => new(
        Phase,
        desk.DoneCount,
        desk.IncompleteCount,
        files.Count,
        segments.SettledDataBytes,
        files.KnownDataBytes,
        (long)pool.InFlight * SegmentGrid.SegmentBytes,
        TimeSpan.FromMilliseconds(hasStarted ? kernel.MonotonicMs - startedMs : 0),
        deadline is null ? null : TimeSpan.FromMilliseconds(Math.Max(0, deadlineMs - kernel.MonotonicMs)));

    /// <summary>A worker failed, and the workers are being stopped.</summary>
    public bool IsRecalling => segments.IsRecalling;

    /// <summary>Begins; a second call does nothing.</summary>
    public void Start()
    {
        if (hasStarted)
            return;
        hasStarted = true;
        startedMs = kernel.MonotonicMs;
        desk.Start();
        Enter(CopyPhase.Listing);
        crew.ToScout(new ListSources(manifest));
    }

    /// <summary>Starts no new work and commits what is there. Too late once the bundle is being committed.</summary>
    public void Cancel() => EndEarly(Fault.Of(FaultKind.Cancelled));

    /// <summary>The deadline has passed: the same as <see cref="Cancel"/>, and the bundle is partial.</summary>
    public void PassDeadline() =>
        EndEarly(Fault.Of(FaultKind.DeadlinePassed, deadline is { } time ? Duration.InWords(time) : ""));

    /// <summary>The copy ends early.</summary>
    public bool IsStopping => files.StopCause is not null;

    /// <summary>A signal or a caller has stopped the copy, and waits for its end.</summary>
    public bool IsCancelled => files.StopCause?.Kind == FaultKind.Cancelled;

    /// <summary>
    /// Filesystems of sources hang, or answer again. Where one is given up, its files end, and the others go on.
    /// </summary>
    public void HungChanged()
    {
        segments.StopHung(hung);
        GoOn();
    }

    /// <summary>
    /// Nothing is committed, and nothing more is taken in. Leases may be out: calls that hang use them.
    /// </summary>
    public void GiveUp() => Enter(CopyPhase.Done);

    /// <summary>A worker has met a bug.</summary>
    /// <param name="inHand">The job that it worked on; null where that is not known.</param>
    public void WorkerFailed(SegmentJob? inHand) => segments.WorkerFailed(inHand);

    /// <summary>All workers have stopped, as <see cref="ICrew.StopWorkers"/> asked.</summary>
    public void CrewStopped()
    {
        if (segments.CrewStopped())
            Stop(Fault.Of(FaultKind.WorkerDied, "too many workers died"));
        if (Phase != CopyPhase.Copying)
            return;
        crew.HireWorkers();
        GoOn();
    }

    /// <summary>Takes an answer of the crew, or a batch of them.</summary>
    public void Handle(object answer)
    {
        foreach (object one in answer is Batch batch ? batch.Messages : [answer])
            Take(one);
        // Only after the whole batch, so that small files whose answers come together go on together.
        GoOn();
    }

    /// <summary>The copy's state in plain words, to find out why a copy hangs.</summary>
    public void Describe(StateReport report)
    {
        report.Line($"phase {Phase}, {desk.DoneCount} of {files.Count} files done, {files.ActiveCount} active"
            + (files.StopCause is { } cause ? $", stopping ({cause.Code})" : ""));
        segments.Describe(report);
        files.Describe(report);
    }

    private void Take(object answer)
    {
        switch (answer)
        {
            case HostRead host:
                desk.Read(host, segments.SettledDataBytes);
                break;
            case LimitsChanged changed:
                desk.Governed = changed.Figures;
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
            case SpaceMeasured measured:
                segments.Space.Measured(measured.FreeBytes);
                break;
            case BundleRefused refused:
                Conclude(new CopyResult.Refused(refused.Refusal));
                break;
            case BundleCommitted committed:
                desk.Name(committed.Bundle, committed.BetterBytes);
                if (committed.LastFacts is { } facts)
                    desk.AddFacts(facts);
                if (committed.HasLostSegments)
                    desk.LoseSegmentChecksums();
                Conclude(new CopyResult.Committed(committed.Path, desk.Receipt)
                {
                    Cleanup = committed.Cleanup ?? DestinationCleanup.None,
                });
                break;
            case WriterProtocol.SegmentsSettled settled:
                segments.Settled(settled);
                break;
            default:
                if (!files.TryTake(answer))
                    throw new InvalidOperationException($"No worker answers with {answer.GetType().Name}.");
                break;
        }
    }

    private void GoOn()
    {
        if (Phase != CopyPhase.Copying)
            return;
        files.ReleaseDrained();
        files.OpenMore();
        if (files.IsDone)
            Commit();
        else
            segments.Dispatch();
    }

    private void Listed(SourcesListed listed)
    {
        if (!listed.Listing.IsOk)
        {
            Conclude(new CopyResult.Invalid(listed.Listing.Error));
            return;
        }

        SourceListing listing = listed.Listing.Value;
        files.Expect(listing, listed.DataBytes);
        desk.Expect(listing);
        Enter(CopyPhase.Preparing);
        crew.ToKeeper(new PrepareBundle(manifest, listing));
    }

    private void Prepared(BundlePrepared prepared)
    {
        if (prepared.Cut is { } cut)
        {
            files.Replace(cut);
            desk.Expect(cut);
        }

        segments.Space.Measured(prepared.FreeBytes);
        files.Expect(prepared.Earlier, prepared.UnclaimedBytes);
        desk.Prepared(prepared.Io, prepared.MissingPromises, prepared.HasShortReceipt, prepared.Facts);
        Enter(CopyPhase.Copying);
        if (prepared.Overlaps)
            segments.Overlap();
    }

    private void EndEarly(Fault cause)
    {
        Stop(cause);
        Start();
        GoOn();
    }

    private void Stop(Fault cause)
    {
        if (Phase < CopyPhase.Committing)
            files.Stop(cause);
    }

    private void Commit()
    {
        // Before the bundle gets its name: a leak that is found later would contradict the receipt.
        AssertAllReturned();
        Enter(CopyPhase.Committing);
        crew.StopWorkers();
        // A later run may go on from what is not committed.
        if (desk.IncompleteCount > 0 && segments.Journal.TakeAll() is { Count: > 0 } last)
            crew.ToKeeper(new JournalSegments(last));
        // A copy that was stopped must not lose what an earlier one has saved, nor must one whose sources are all gone.
        // A deadline promises a bundle.
        bool isLeft = (IsCancelled && files.UncomparedBytes > 0)
            || (files.DroppedBytes > 0 && files.StopCause is null && desk.SavedBytes == 0);
        crew.ToKeeper(new CommitBundle(
            desk.Draft(files.StopCause, files.DroppedBytes, segments.SettledDataBytes),
            isLeft ? desk.SavedBytes + files.DroppedBytes : null));
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
        desk.Enter(phase);
        crew.Trace($"phase: {phase}");
    }
}
