using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Journal;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Write;
using static BundleCopier.Plan.ScoutProtocol;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// The files of one copy, each in its <see cref="FileStage"/>: it opens them in their order, and each is finished as
/// soon as its segments have settled. Pure and synchronous.
/// </summary>
/// <param name="crew">Gets the orders.</param>
/// <param name="segments">Copies the segments of the files.</param>
/// <param name="desk">Notes the outcome of each file.</param>
/// <param name="hung">The filesystems of sources that do not answer.</param>
/// <param name="descriptorLimit">How many descriptors the process may have open.</param>
internal sealed class FileFlow(
    ICrew crew, SegmentFlow segments, ReceiptDesk desk, HungSources hung, int descriptorLimit)
{
    // Files between opening and finish that are not known to be small: each keeps the workers busy by itself.
    private const int MaxActiveFiles = 32;

    // Small files with them: four messages full of them are in flight, so that no actor waits for the others.
    // Measured: 1,024 or 4,096 of them are not faster (docs/decisions/0022-calls-per-small-file.md).
    private const int MaxActiveSmallFiles = 256;

    // Descriptors that are needed for other things; each active file may have two. Where there are few, those that a
    // copy needs in any case: 27 in the native program, and some while it opens files and their directories.
    private const int OtherDescriptors = 256;
    private const int FewOtherDescriptors = 44;

    private readonly Dictionary<int, FileCopy> active = [];
    private readonly int maxActive = Math.Max(
        Math.Min((descriptorLimit - OtherDescriptors) / 3, MaxActiveSmallFiles),
        Math.Clamp((descriptorLimit - FewOtherDescriptors) / 3, 1, MaxActiveFiles));
    private readonly Queue<int> postponed = new();
    private SourceListing? listing;
    private int nextToOpen;
    private readonly EarlierFiles earlier = new(crew);
    private readonly ShrinkChoice shrinking = new();
    private int smallCount;
    private long knownBytes;

    /// <summary>The number of files; 0 before they are listed.</summary>
    public int Count => listing?.Count ?? 0;

    /// <summary>Files between opening and finish.</summary>
    public int ActiveCount => active.Count;

    /// <summary>Bytes of data in the files that have been opened so far.</summary>
    public long KnownDataBytes => knownBytes
        + active.Values.Sum(static file => (file.Stage as FileStage.Copying)?.Segments.Source.Stream?.Position ?? 0);

    /// <summary>Why the copy ends early; null when it does not.</summary>
    public Fault? StopCause => hung.StopCause;

    /// <inheritdoc cref="EarlierFiles.DroppedBytes"/>
    public long DroppedBytes => earlier.DroppedBytes;

    /// <inheritdoc cref="EarlierFiles.UncomparedBytes"/>
    public long UncomparedBytes => earlier.UncomparedBytes;

    public bool IsDone => desk.DoneCount == Count;

    /// <summary>Tells which files there are.</summary>
    /// <param name="files">The files.</param>
    /// <param name="dataBytes">
    /// How much data each has; null where they are not compressed when the disk is full.
    /// </param>
    public void Expect(SourceListing files, long[]? dataBytes)
    {
        listing = files;
        shrinking.Expect(dataBytes);
    }

    /// <summary>Tells what an earlier run has saved.</summary>
    /// <param name="shares">Of each file; null for nothing.</param>
    /// <param name="unclaimedBytes">See <see cref="BundlePrepared"/>.</param>
    public void Expect(EarlierShare[]? shares, long unclaimedBytes)
    {
        earlier.Expect(shares);
        earlier.DropUnclaimed(unclaimedBytes, isUncompared: StopCause is not null);
        shrinking.Expect(earlier);
    }

    /// <summary>The receipt has room for fewer files; none is opened yet.</summary>
    public void Replace(SourceListing fewer)
    {
        shrinking.Replace(listing!, fewer);
        listing = fewer;
    }

    /// <summary>Opens as many more files as there is room for.</summary>
    public void OpenMore()
    {
        int room = RoomForMore();
        while (listing is not null && room > 0 && TryTakeNext(listing) is { } entry)
        {
            if ((entry.Fault ?? StopCause ?? hung.FaultOf(entry.File.Source)) is { } fault)
            {
                shrinking.Leave(entry.File.Index);
                earlier.Drop(entry.File.Index, isUncompared: entry.Fault is null && StopCause is not null);
                desk.Note(entry.File.Index, new FileOutcome(fault));
                continue;
            }

            room--;
            FileCopy file = new(entry.File);
            active.Add(entry.File.Index, file);
            Enter(file, file.Stage);
            bool mustShrink =
                shrinking.MustShrink(entry.File.Index, earlier.Of(entry.File.Index), segments.Space);
            crew.ToScout(new OpenSource(entry.File, desk.HasShortReceipt, mustShrink));
            if (listing.EndsWithCore && file.HoldsProcess)
                return;
        }
    }

    /// <summary>Takes an answer of the scout or the keeper about one file. False when the message is another.</summary>
    public bool TryTake(object answer)
    {
        switch (answer)
        {
            case SourceOpened opened:
                Opened(opened);
                break;
            case SourceRefused refused:
                shrinking.Leave(refused.Index);
                earlier.Drop(refused.Index, isUncompared: false);
                Done(Find(refused.Index), new FileOutcome(refused.Fault));
                break;
            case OutputCreated created:
                Created(created);
                break;
            case OutputChecked compared:
                Checked(compared);
                break;
            case OutputLeft left:
                Left(Find(left.Index));
                break;
            case OutputRefused refused:
                FileCopy file = Find(refused.Index);
                FileStage.Checking? checking = file.Stage as FileStage.Checking;
                Abandon(file, checking?.Source ?? In<FileStage.Creating>(file).Source, refused.Fault);
                if (checking is not null)
                    earlier.Answered(isDone: true, StopCause);
                break;
            case SegmentsJournaled:
                break;
            case SegmentsPlanned planned:
                In<FileStage.Copying>(Find(planned.Index)).Segments.AddPlan(planned.Plan);
                break;
            case SourceReleased released:
                Released(released);
                break;
            case EndRefused refused:
                FileStage.Finishing finishing = In<FileStage.Finishing>(Find(refused.Index));
                finishing.Segments.RefuseEnd(refused.Fault);
                Finish(Find(refused.Index), finishing);
                break;
            case OutputFinished finished:
                Finished(finished);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Releases the sources of all files that have no segment left to copy.</summary>
    public void ReleaseDrained()
    {
        foreach (FileSegments copied in segments.TakeDrained())
        {
            segments.Space.Drained(copied.Index);
            // KnownDataBytes has read it from the stage so far.
            knownBytes += copied.Source.Stream?.Position ?? 0;
            Enter(Find(copied.Source.Planned.Index), new FileStage.Releasing(copied));
            crew.ToScout(new ReleaseSource(copied.Source));
        }
    }

    /// <summary>
    /// Ends the copy early: no source is opened, no output is created and no segment starts any more; segments in
    /// flight settle. Files that are being opened or created end when the answer comes.
    /// </summary>
    public void Stop(Fault cause)
    {
        if (StopCause is not null)
            return;
        hung.StopCause = cause;
        crew.Trace($"stopping: {cause.Code}");
        segments.Stop(cause);
    }

    /// <summary>The files in plain words, to find out why a copy hangs.</summary>
    public void Describe(StateReport report)
    {
        foreach (FileCopy file in active.Values.OrderBy(static f => f.Planned.Index))
            report.File(file);
    }

    /// <summary>
    /// The next file to open. Files of a filesystem that may hang come later, so that the others do not wait for them.
    /// </summary>
    private SourceListing.Entry? TryTakeNext(SourceListing files)
    {
        for (int left = postponed.Count; left > 0; left--)
        {
            int index = postponed.Dequeue();
            if (StopCause is not null || !hung.IsSuspect(files[index].File.Source))
                return files[index];
            postponed.Enqueue(index);
        }

        while (nextToOpen < files.Count)
        {
            int index = nextToOpen++;
            if (StopCause is not null || hung.IsEmpty || !hung.IsSuspect(files[index].File.Source))
                return files[index];
            postponed.Enqueue(index);
        }

        return null;
    }

    private int RoomForMore()
    {
        // A process waits until its core is read: what it has shared is open already, and is copied afterwards.
        if (listing is { EndsWithCore: true } && active.Values.Any(static file => file.HoldsProcess))
            return 0;
        // Files that wait for a filesystem that may hang take no room.
        int waitingCount = hung.IsEmpty ? 0 : active.Values.Count(file => hung.IsSuspect(file.Planned.Source));
        return RoomBeside(active.Count - waitingCount);
    }

    private int RoomBeside(int activeCount)
    {
        if (activeCount - smallCount >= MaxActiveFiles)
            return 0;
        int room = Math.Min(MaxActiveFiles + (8 * smallCount), maxActive) - activeCount;
        // Small files are opened many at once, or the messages would get ever smaller.
        return smallCount > 0 && room < maxActive / 8 ? 0 : room;
    }

    private void Opened(SourceOpened opened)
    {
        FileCopy file = Find(opened.Source.Planned.Index);
        file.IsSmall = SmallFileBatch.IsSmall(opened.Source);
        smallCount += file.IsSmall ? 1 : 0;
        knownBytes += opened.Source.WantedDataBytes;
        shrinking.Leave(file.Planned.Index);
        if (StopCause is { } cause)
        {
            earlier.Drop(file.Planned.Index, isUncompared: true);
            Abandon(file, opened.Source, cause);
            return;
        }

        segments.Space.Add(
            file.Planned.Index,
            Math.Max(0, opened.Source.SegmentsSpaceBytes - earlier.Of(file.Planned.Index).DataBytes),
            opened.Source.EndSpaceBytes);
        Enter(file, new FileStage.Creating(opened.Source, opened.Plan));
        crew.ToKeeper(new CreateOutput(
            file.Planned,
            opened.Source.Status.SizeBytes,
            opened.Source.IsCompressed,
            SourceStamp.Of(opened.Source.Status, opened.Source.Ranges)));
    }

    private void Created(OutputCreated created)
    {
        FileCopy file = Find(created.Index);
        (OpenedSource source, SegmentPlan plan) = In<FileStage.Creating>(file);
        if (created.HasFreedSpace)
            segments.Space.Freed();
        if (created.HasEarlier)
        {
            Enter(file, new FileStage.Checking(source, plan));
            earlier.Check(file.Planned, source.IsCompressed, StopCause);
            return;
        }

        Copy(file, source, created.Output, plan, KeptList.None);
    }

    private void Checked(OutputChecked compared)
    {
        if (compared.Kept is { } kept)
        {
            FileCopy file = Find(compared.Index);
            (OpenedSource source, SegmentPlan plan) = In<FileStage.Checking>(file);
            // What does not agree is no loss. What was not compared is.
            if (StopCause is not null)
                earlier.DropRest(compared.Index, kept.DataBytes);
            if (kept.DataBytes < earlier.Of(compared.Index).DataBytes)
                segments.Space.Freed();
            Copy(file, source, compared.Output, plan, kept);
        }

        earlier.Answered(isDone: compared.Kept is not null, StopCause);
    }

    /// <summary>What an earlier run has saved of a file stays for a later run.</summary>
    private void Left(FileCopy file)
    {
        earlier.Drop(file.Planned.Index, isUncompared: true);
        Abandon(file, In<FileStage.Checking>(file).Source, StopCause!);
        earlier.Answered(isDone: true, StopCause);
    }

    private void Copy(
        FileCopy file, OpenedSource source, IOutputFile output, SegmentPlan plan, KeptList kept)
    {
        if (!earlier.IsEmpty)
            segments.Space.Set(file.Planned.Index, Math.Max(0, source.SegmentsSpaceBytes - kept.DataBytes));
        FileSegments planned = new(new FilePair(source, output), plan, kept, segments.Journal);
        Enter(file, new FileStage.Copying(planned));
        segments.Add(planned, StopCause ?? hung.FaultOf(source.Planned.Source));
    }

    private void Abandon(FileCopy file, OpenedSource source, Fault fault)
    {
        if (source.Stream is not null)
            source = source.WithSize(0, core: null);
        Enter(file, new FileStage.Abandoning(source, fault));
        crew.ToScout(new ReleaseSource(source));
    }

    private void Released(SourceReleased released)
    {
        FileCopy file = Find(released.Index);
        if (file.Planned.Stream?.Core is not null)
            desk.ProcessReleased();
        if (file.Stage is FileStage.Abandoning abandoned)
        {
            Done(file, new FileOutcome(abandoned.Source, released.IsStable, abandoned.Fault));
            return;
        }

        FileSegments copied = In<FileStage.Releasing>(file).Segments;
        if (released.Fault is not null)
            copied.Saved.Blame(released.Fault);
        desk.LimitRanges(copied);
        FileStage.Finishing finishing = new(copied, released.IsStable);
        Enter(file, finishing);
        Finish(file, finishing);
    }

    private void Finish(FileCopy file, FileStage.Finishing finishing)
    {
        FileSegments copied = finishing.Segments;
        StreamEnd? end = copied.EndStream(); // may find that nothing is left to keep
        crew.ToKeeper(new FinishOutput(
            file.Planned,
            copied.Pair.Output,
            copied.Source.Status.SizeBytes,
            copied.Saved.WrittenBytes,
            // What failed may have left less.
            HeldBytes: copied.Saved.Fault is null ? copied.Saved.WrittenBytes - copied.Saved.KeptBytes : 0,
            Discard: !copied.HasContent,
            copied.Source.IsCompressed,
            end,
            copied.Saved.SegmentsToStore));
    }

    private void Finished(OutputFinished finished)
    {
        FileCopy file = Find(finished.Index);
        FileStage.Finishing finishing = In<FileStage.Finishing>(file);
        FileSegments copied = finishing.Segments;
        copied.Saved.WrittenBytes += finished.WrittenBytes;
        desk.Cached(finished.CachedBytes);
        // A file whose end could not be written is lost as a whole: nothing in it can be relied on.
        bool isStable = finishing.IsStable && !copied.IsKeptUnproven;
        FileOutcome outcome = desk.Outcome(copied, isStable, finished.SegmentsOffset, lost: finished.Fault);
        if (copied.Source.Stream is null && outcome.IsComplete)
            knownBytes += copied.Saved.DataBytes - copied.Source.WantedDataBytes;
        Done(file, outcome);
    }

    private void Done(FileCopy file, in FileOutcome outcome)
    {
        active.Remove(file.Planned.Index);
        segments.Space.Remove(file.Planned.Index);
        smallCount -= file.IsSmall ? 1 : 0;
        desk.Note(file.Planned.Index, outcome);
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

    private FileCopy Find(int index) => active.TryGetValue(index, out FileCopy? file)
        ? file
        : throw new InvalidOperationException($"File {index} is not being copied.");
}
