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

namespace BundleCopier.Supervise;

/// <summary>
/// Collects what the receipt will say while a copy runs, and drafts the receipt at its end. Pure, but for the clock.
/// </summary>
internal sealed class ReceiptDesk
{
    private readonly BundleManifest manifest;
    private readonly CopySettings settings;
    private readonly SlabPool pool;
    private readonly IKernel kernel;
    private readonly DateTimeOffset startedAt;
    private SourceListing? listing;
    private readonly Dictionary<string, (int Files, long Bytes, string Reason)> missing = [];
    private FileOutcome[] outcomes = [];
    private long cachedBytes;
    private long keptBytes; // what an earlier run has written and the bundle has
    private bool isCacheKnown = true;
    private int spareRanges = ReceiptRoom.SpareRanges;
    private long faultsBefore;
    private long startedMs;
    private OutputIo io;
    private IReadOnlyList<string>? durability;
    private IReadOnlyList<ReceiptFact>? facts;
    private long? releaseMs;
    private readonly CopyTimeline timeline = new();
    private readonly Dictionary<CopyPhase, long> phaseMs = []; // when each began
    private BystanderWatch? bystanders;
    private ReceiptDraft? draft;

    public ReceiptDesk(BundleManifest manifest, CopySettings settings, IoLimits limits, SlabPool pool, IKernel kernel)
    {
        this.manifest = manifest;
        this.settings = settings;
        this.pool = pool;
        this.kernel = kernel;
        startedAt = kernel.UtcNow;
        startedMs = kernel.MonotonicMs;
        Governed = new GovernorFigures { MinWindowBytes = limits.WindowBytes, MaxWindowBytes = limits.WindowBytes };
    }

    /// <summary>Files that nothing more is done for.</summary>
    public int DoneCount { get; private set; }

    /// <summary>Those of them that are not in the bundle with all their bytes.</summary>
    public int IncompleteCount { get; private set; }

    /// <summary>What the governor did.</summary>
    public GovernorFigures Governed { get; set; }

    /// <summary>What the canary measured; null where there is none.</summary>
    public ReceiptCanary? Canary { get; set; }

    /// <summary>The receipt, once it is drafted.</summary>
    public BundleReceipt Receipt => Drafted.ToReceipt();

    public void Start()
    {
        startedMs = kernel.MonotonicMs;
        HostReading host = kernel.ReadHost();
        bystanders = new BystanderWatch(host, kernel.PageTableBytes());
        timeline.Start(host);
    }

    /// <summary>A phase begins.</summary>
    public void Enter(CopyPhase phase) => phaseMs.TryAdd(phase, kernel.MonotonicMs);

    public void Expect(SourceListing files)
    {
        listing = files;
        outcomes = new FileOutcome[files.Count];
    }

    /// <summary>The receipt has no room for extended attributes, and for few pieces of files.</summary>
    public bool HasShortReceipt { get; private set; }

    public void Prepared(
        OutputIo outputIo,
        IReadOnlyList<string> missingPromises,
        bool hasShortReceipt,
        IReadOnlyList<ReceiptFact>? knownFacts = null)
    {
        facts = knownFacts;
        HasShortReceipt = hasShortReceipt;
        if (hasShortReceipt)
            spareRanges = ReceiptRoom.SpareRangesWhenShort;
        io = outputIo;
        durability = missingPromises.Count == 0 ? null : missingPromises;
        faultsBefore = kernel.MajorFaults();
    }

    /// <summary>The machine was looked at.</summary>
    /// <param name="host">What was seen.</param>
    /// <param name="dataBytes">Data that is done by now.</param>
    public void Read(HostRead host, long dataBytes)
    {
        bystanders?.Add(host.Reading, host.PageTableBytes);
        long inFlightBytes = (long)pool.InFlight * SegmentGrid.SegmentBytes;
        timeline.Add(kernel.MonotonicMs - startedMs, dataBytes, inFlightBytes, host.Reading);
    }

    /// <summary>What of a finished file is still in page cache, in bytes; -1 where the kernel does not tell.</summary>
    public void Cached(long bytes)
    {
        isCacheKnown &= bytes >= 0;
        cachedBytes += Math.Max(0, bytes);
    }

    /// <summary>Data of all files that are done, in bytes.</summary>
    public long SavedBytes { get; private set; }

    /// <summary>The outcome of a file that was copied, in full or in part.</summary>
    public FileOutcome Outcome(FileSegments copied, bool isStable, long? segmentsOffset, Fault? lost)
    {
        FileOutcome outcome = new(copied, isStable, settings.Checksum, segmentsOffset, lost);
        if (outcome.HasOutput)
            keptBytes += copied.Saved.KeptBytes;
        return outcome;
    }

    /// <summary>Limits the pieces of a file to what the receipt has room for.</summary>
    public void LimitRanges(FileSegments copied)
    {
        int ownRanges = 1 + (copied.Source.Planned.Ranges?.Count ?? 0);
        copied.Saved.LimitRanges(ownRanges + spareRanges);
        spareRanges -= Math.Max(0, copied.Saved.Covered.Count - ownRanges);
    }

    public void Note(int index, in FileOutcome outcome)
    {
        outcomes[index] = outcome;
        DoneCount++;
        SavedBytes += outcome.DataBytes;
        if (outcome.Fault is not { } fault)
            return;
        IncompleteCount++;
        (int files, long bytes, string? reason) = missing.GetValueOrDefault(fault.Code);
        missing[fault.Code] = (files + 1, bytes + outcome.MissingBytes, reason ?? fault.Reason);
    }

    /// <summary>The bundle is committed under this name.</summary>
    /// <param name="bundle">The name.</param>
    /// <param name="betterBytes">See <see cref="BundleReceipt.WantedBundleDataBytes"/>.</param>
    public void Name(string bundle, long? betterBytes) =>
        draft = Drafted with { Header = Drafted.Header.Named(bundle, betterBytes) };

    /// <summary>The facts were written at the end.</summary>
    public void AddFacts(IReadOnlyList<ReceiptFact> last) =>
        draft = Drafted with { Header = Drafted.Header with { Facts = last } };

    /// <summary>The process of a core is let go.</summary>
    public void ProcessReleased() =>
        releaseMs = kernel.MonotonicMs - startedMs + (long)settings.DeadlineSpent.TotalMilliseconds;

    /// <summary>The hashes of segments could not be stored: the receipt must not say where they are.</summary>
    public void LoseSegmentChecksums() =>
        draft = Drafted with { Files = new ReceiptFiles(listing!, outcomes, io, hasSegmentChecksums: false) };

    /// <param name="stopCause">Why the copy ended early; null when it did not.</param>
    /// <param name="droppedBytes">See <see cref="ReceiptResources.DroppedBytes"/>.</param>
    /// <param name="dataBytes">Data that is done.</param>
    public ReceiptDraft Draft(Fault? stopCause, long droppedBytes, long dataBytes)
    {
        Read(new HostRead(kernel.ReadHost(), kernel.PageTableBytes()), dataBytes);
        // A copy that was stopped after everything had settled has a complete bundle.
        BundleStatus status = IncompleteCount == 0 ? BundleStatus.Complete
            : stopCause?.Kind == FaultKind.Cancelled ? BundleStatus.Cancelled
            : BundleStatus.Partial;
        ReceiptMissing[] byReason = [.. missing
            .Select(static m => new ReceiptMissing(m.Key, m.Value.Files, m.Value.Bytes, m.Value.Reason))
            .OrderByDescending(static m => m.Bytes).ThenByDescending(static m => m.Files)
            .ThenBy(static m => m.Code, StringComparer.Ordinal)];
        ReceiptHeader header = new(
            manifest.Bundle,
            status,
            startedAt,
            kernel.UtcNow,
            SavedBytes,
            manifest.Labels,
            durability,
            byReason.Length == 0 ? null : byReason,
            keptBytes > 0 ? true : null,
            Facts: facts,
            ReleaseMs: releaseMs);
        ReceiptResources resources = new()
        {
            BudgetBytes = pool.BudgetBytes,
            PeakInFlightBytes = pool.PeakInFlightBytes,
            PeakRssBytes = kernel.PeakRssBytes(),
            DestinationCachedBytes = isCacheKnown ? cachedBytes : null,
            KeptBytes = keptBytes > 0 ? keptBytes : null,
            DroppedBytes = droppedBytes > 0 ? droppedBytes : null,
            MajorFaults = kernel.MajorFaults() - faultsBefore,
            Seconds = Math.Round((kernel.MonotonicMs - startedMs) / 1000.0, 3),
            Phases = new ReceiptPhases(
                Between(CopyPhase.Listing, CopyPhase.Preparing),
                Between(CopyPhase.Preparing, CopyPhase.Copying),
                Between(CopyPhase.Copying, CopyPhase.Committing)),
            Timeline = HasShortReceipt ? null : timeline.End(),
        };
        ReceiptBystanders felt = bystanders!.Report(resources, Governed.ToReceipt(settings.GovernorProfile), Canary);
        ReceiptFiles files = new(listing!, outcomes, io);
        return draft = new ReceiptDraft(header, files, resources, felt);
    }

    private long Between(CopyPhase from, CopyPhase to) =>
        phaseMs.TryGetValue(from, out long fromMs) && phaseMs.TryGetValue(to, out long toMs) ? toMs - fromMs : 0;

    private ReceiptDraft Drafted => draft ?? throw new InvalidOperationException("There is no receipt yet.");
}
