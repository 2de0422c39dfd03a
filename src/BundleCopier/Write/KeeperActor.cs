using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Write;

/// <summary>Runs <see cref="OutputKeeper"/>: one answer for each question, in order.</summary>
/// <param name="kernel">The system that the bundle is on.</param>
/// <param name="settings">The settings of the copy.</param>
/// <param name="memory">All memory of the copy; locked when the settings ask for it.</param>
/// <param name="slab">Memory for one segment, which only the keeper uses.</param>
/// <param name="zeros">Frames of zeros for compressed files; null when no file is compressed.</param>
/// <param name="commit">Gets the success of the commit.</param>
/// <param name="stop">Cancelled when the copy shall end early.</param>
/// <param name="watch">Shows the supervisor the calls.</param>
internal sealed class KeeperActor(
    IKernel kernel,
    CopySettings settings,
    ISlabMemory memory,
    nint slab,
    ZeroFrames? zeros,
    CommitRecord commit,
    CancellationToken stop,
    CallWatch watch)
    : OrderActor(watch)
{
    // A few files are synced one by one, so that an error concerns one file. Many files are not, because each fsync(2)
    // flushes the device's cache.
    public const int MaxOwnSyncs = 64;

    private readonly StreamEndWriter? ends = zeros is null ? null : new StreamEndWriter(slab, zeros, watch.Pulse);
    private readonly CallWatch watch = watch;
    private BundleDirectory? bundle;
    private GatheredFacts? lastFacts; // those that are written at the end
    private OutputKeeper? keeper;
    private readonly Dictionary<int, OutputCheck> checks = [];

    // To close a file of a destination that hangs may hang, too.
    protected override void PostStop()
    {
        base.PostStop();
        if (!commit.IsGivenUp && watch.Hung().Length == 0)
        {
            CloseAll();
            return;
        }

        IDisposable left = commit.Hold(new Leftover(CloseAll));
        if (!watch.TryLeave(left))
            WorkThread.DisposeElsewhere(left);
    }

    private void CloseAll()
    {
        keeper?.Dispose();
        bundle?.Dispose();
    }

    protected override string SubjectOf(object order) => "";

    protected override object Answer(object order)
    {
        switch (order)
        {
            case PrepareBundle ask:
                return Prepare(ask);
            case CreateOutput ask:
                return Create(ask);
            case CheckOutput ask:
                return Check(ask);
            case JournalSegments ask:
                bundle!.Journal.AddSegments(ask.Entries);
                return SegmentsJournaled.Instance;
            case FinishOutput ask:
                return Finish(ask);
            case MeasureSpace:
                return new SpaceMeasured(bundle!.FreeBytes());
            case CommitBundle ask:
                return Commit(ask);
            default:
                throw new InvalidOperationException($"The keeper has no answer to {order.GetType().Name}.");
        }
    }

    private object Create(CreateOutput ask)
    {
        string name = BundleNames.Output(ask.File.Name, ask.IsCompressed);
        if (Reopen(name, ask) is { } reopened)
        {
            bundle!.Journal.AddFile(ask.File.Index, name, ask.Stamp, isAgain: true);
            checks.Add(ask.File.Index, new OutputCheck(reopened, bundle.Earlier!.Take(name), ask.IsCompressed, slab));
            return new OutputCreated(ask.File.Index, reopened, HasEarlier: true);
        }

        bool hasFreed = keeper!.HasEarlier(name)
            | keeper.RemoveOtherForm(BundleNames.Output(ask.File.Name, !ask.IsCompressed), ask.Stamp);
        if (!keeper.Create(name, ask.File.Stream is null ? ask.SizeBytes : null)
            .Try(out IOutputFile? created, out Fault? fault))
        {
            return new OutputRefused(ask.File.Index, fault);
        }

        bundle!.Journal.AddFile(ask.File.Index, name, ask.Stamp, isAgain: false);
        return new OutputCreated(ask.File.Index, created, HasFreedSpace: hasFreed);
    }

    private IOutputFile? Reopen(string name, CreateOutput ask)
    {
        if (!settings.Checksum || bundle!.Earlier is not { } earlier || !earlier.Files.ContainsKey(name))
            return null;
        return keeper!.Reopen(name, ask.Stamp);
    }

    private object Check(CheckOutput ask)
    {
        OutputCheck check = checks[ask.File.Index];
        string name = BundleNames.Output(ask.File.Name, ask.IsCompressed);
        if (ask.End == CheckEnd.Leave)
        {
            checks.Remove(ask.File.Index);
            keeper!.Leave(name, check.Output);
            return new OutputLeft(ask.File.Index);
        }

        if (ask.End == CheckEnd.WhenDone)
        {
            check.Step(watch.Pulse.Beat);
            if (!check.IsDone)
                return new OutputChecked(ask.File.Index, check.Output, null);
        }

        checks.Remove(ask.File.Index);
        KeptList kept = check.End();
        if (check.Clear().IsOk)
            return new OutputChecked(ask.File.Index, check.Output, kept);
        // A filesystem without holes: the file starts over.
        keeper!.Discard(name, check.Output);
        return keeper.Create(name, check.SizeBytes).Try(out IOutputFile? created, out Fault? fault)
            ? new OutputChecked(ask.File.Index, created, KeptList.None)
            : new OutputRefused(ask.File.Index, fault);
    }

    private object Commit(CommitBundle ask)
    {
        ReceiptDraft receipt = ask.Receipt;
        if (lastFacts is { } last)
            receipt = receipt with { Header = receipt.Header with { Facts = WriteFacts(last) } };
        Refusal? refusal = ask.LeftBytes is { } leftBytes && bundle!.Journal.IsThere
            ? bundle.Leave(leftBytes, isStopped: receipt.Header.Status == BundleStatus.Cancelled)
            : bundle!.Commit(keeper!, file => WriteReceipt(file, receipt), commit, receipt.Header);
        if (refusal is not null)
            return new BundleRefused(refusal);
        BundleCommitted committed = new(
            bundle.BundlePath, bundle.BundleName, bundle.Segments.IsGivenUp, BetterBytes: bundle.Better?.DataBytes,
            LastFacts: lastFacts is null ? null : receipt.Header.Facts);
        // Whatever happens from here on, the bundle is there.
        commit.Committed = committed;
        settings.WhenCommitted?.Invoke(receipt.Header.Status == BundleStatus.Complete);
        return committed with
        {
            Cleanup = bundle.CleanUp(settings.Retention, kernel.UtcNow, GetsOnUntilStopped),
        };
    }

    private bool GetsOnUntilStopped()
    {
        watch.Pulse.Beat();
        return stop.IsCancellationRequested;
    }

    private object Finish(FinishOutput ask)
    {
        string name = BundleNames.Output(ask.File.Name, ask.IsCompressed);
        if (ask.Discard)
        {
            keeper!.Discard(name, ask.Output);
            return new OutputFinished(ask.File.Index, 0, 0, null);
        }

        if (ask.End is not null && keeper!.WriteEnd(ask.Output, ask.End) is { } full)
            return new EndRefused(ask.File.Index, full);
        FinishedOutput finished = keeper!.Finish(
            name, ask.Output, ask.SizeBytes, ask.WrittenBytes, ask.End, hasLength: ask.File.Stream is null,
            ask.HeldBytes);
        long? segments = finished.Fault is null && ask.Segments is not null ? bundle!.Segments.Add(ask.Segments) : null;
        return new OutputFinished(ask.File.Index, finished.CachedBytes, finished.AddedBytes, finished.Fault, segments);
    }

    private object Prepare(PrepareBundle ask)
    {
        // By now every worker's thread has its stack, so that is locked too; and nothing has been written.
        if (settings.MemoryLock && kernel.LockMemory(memory) is { IsOk: false } unlocked)
            return new BundleRefused(NotLocked(unlocked.Error));
        BundlePlace place = BundlePlace.Of(ask.Manifest, settings, ask.Listing, slab) with
        {
            StartsFresh = settings.StartsFresh,
            Pulse = watch.Pulse,
            WantsOutput = ask.Listing is { IsCertain: true } certain ? certain.WantsOutput : null,
        };
        if (!BundleDirectory.Prepare(kernel, place).Try(out BundleDirectory? prepared, out Refusal? refusal))
            return new BundleRefused(refusal);
        bundle = prepared;
        keeper = new OutputKeeper(bundle.Files, bundle.Io, syncsEachFile: ask.Listing.Count <= MaxOwnSyncs,
            ends, bundle.Earlier, watch.Pulse);
        IReadOnlyList<ReceiptFact>? facts = ask.Listing.Facts.AreWrittenLast ? null : WriteFacts(ask.Listing.Facts);
        lastFacts = ask.Listing.Facts.AreWrittenLast ? ask.Listing.Facts : null;
        SourceListing? cut = bundle.CutReceiptBytes is { } receiptBytes ? ask.Listing.Within(receiptBytes) : null;
        return new BundlePrepared(
            bundle.Io, bundle.Io == OutputIo.Direct && kernel.OverlapsWrites, bundle.MissingPromises,
            bundle.FreeBytes(), bundle.HasShortReceipt, cut,
            bundle.Earlier is { } earlier ? EarlierShare.Of(earlier, cut ?? ask.Listing) : null,
            bundle.Earlier?.UnclaimedBytes(ask.Listing.WantsOutput) ?? 0,
            facts);
    }

    private IReadOnlyList<ReceiptFact>? WriteFacts(GatheredFacts facts) => facts.Count > 0
        ? bundle!.Facts.Write(facts.All(), bundle.FreeBytes(), watch.Pulse)
        : null;

    private static Refusal NotLocked(Errno error) => Refusal.Of(
        RefusalKind.NotLocked,
        error,
        $"The memory could not be locked ({error.Name}), as {SettingKeys.Full(SettingKeys.MemoryLock)} asks, "
            + "and nothing was written. Raise the limit RLIMIT_MEMLOCK to unlimited "
            + "(in a systemd unit: LimitMEMLOCK=infinity), give the program CAP_IPC_LOCK, or set it to off.");

    private IoResult WriteReceipt(IOutputFile file, ReceiptDraft receipt)
    {
        using SlabStream stream = new(file, slab, pulse: watch.Pulse);
        IEnumerable<ReceiptFile> files = bundle!.Segments.IsGivenUp
            ? receipt.Files.Select(static f => f with { SegmentChecksumsOffset = null })
            : receipt.Files;
        ReceiptWriter.Write(
            stream, receipt.Header.Named(bundle.BundleName, bundle.Better?.DataBytes), files, receipt.Resources,
            receipt.Bystanders, indented: true);
        return stream.Complete();
    }

    /// <summary>The open files and directories of a copy that is given up.</summary>
    private sealed class Leftover(Action closeAll) : IDisposable
    {
        public void Dispose() => closeAll();
    }
}
