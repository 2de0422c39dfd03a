using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The directory of one bundle: <c>.NAME.partial</c> while it is made, <c>NAME</c> when it is complete. A single rename
/// turns the one into the other. Synchronous and without actors.
/// </summary>
internal sealed class BundleDirectory : IDisposable
{
    private readonly Destination destination;
    private readonly IDirectory partial;
    private readonly BundleNaming naming;
    private IOutputFile? receipt; // null once it is complete
    private List<string> foreign = [];
    private string? unread; // the warning about what an earlier run has left, which could not be read
    private bool startsOver; // a later run must not take over what a failed sync may have lost

    private BundleDirectory(
        Destination destination,
        IDirectory partial,
        IDirectory files,
        IOutputFile receipt,
        JournalFile journal,
        EarlierRun? earlier,
        IReadOnlyList<string> missingPromises)
    {
        Journal = journal;
        Earlier = earlier;
        Segments = new SegmentChecksumFile(partial, destination.Io, destination.Place.Block);
        Facts = new FactFiles(partial, destination.Io, destination.Place.Block);
        MissingPromises = missingPromises;
        this.destination = destination;
        naming = new BundleNaming(destination);
        this.partial = partial;
        this.receipt = receipt;
        Files = files;
    }

    /// <summary>The directory of the copied files. This object owns it.</summary>
    public IDirectory Files { get; }

    /// <summary>The hashes of the segments of raw files.</summary>
    public SegmentChecksumFile Segments { get; }

    /// <summary>The facts about processes.</summary>
    public FactFiles Facts { get; }

    /// <summary>What is on disk so far, for a later run.</summary>
    public JournalFile Journal { get; }

    /// <summary>What an earlier run has left; null for nothing.</summary>
    public EarlierRun? Earlier { get; }

    /// <summary>How files are written.</summary>
    public OutputIo Io => destination.Io;

    /// <summary>What the filesystem does not promise, in the words of the receipt.</summary>
    public IReadOnlyList<string> MissingPromises { get; }

    /// <summary>The receipt has no room for extended attributes, and for few pieces of files.</summary>
    public bool HasShortReceipt => destination.HasShortReceipt;

    /// <summary>What is reserved for the receipt where it is too little for all matches; null otherwise.</summary>
    public long? CutReceiptBytes => destination.CutReceiptBytes;

    /// <summary>The name of the bundle, as its receipt must say it. The commit may choose another one.</summary>
    public string BundleName => destination.BundleName;

    /// <summary>The path of the bundle when it is committed.</summary>
    public string BundlePath => destination.BundlePath;

    /// <summary>The old bundle that the commit leaves, because it has more data; null for none.</summary>
    public BetterBundle? Better => destination.Better;

    private BundlePlace Place => destination.Place;

    private BundlePlace NamedPlace => Place with { Bundle = BundleName };

    /// <summary>The free bytes that the copy may use; null where the filesystem does not tell.</summary>
    public long? FreeBytes() => destination.FreeBytes();

    /// <summary>
    /// Takes the bundle's partial name, takes over or removes what a killed copy left under it, and reserves space for
    /// the receipt.
    /// </summary>
    public static Result<BundleDirectory, Refusal> Prepare(IKernel kernel, BundlePlace place)
    {
        if (!Destination.Open(kernel, place).Try(out Destination? destination, out Refusal? refusal))
            return refusal;
        string bootId = kernel.BootId;
        Result<TakenPartial, Refusal> result = PartialDirectory.Take(destination);
        // Another user must not be able to stop the copy by a name.
        if (!result.Try(out TakenPartial? taken, out refusal)
            && (destination.Place.Working is not null || destination.IsRacedFor(destination.Place.PartialName)))
        {
            destination.WorkElsewhere(FreeName.Random(place.Bundle));
            result = PartialDirectory.Take(destination);
        }

        // What an earlier run has saved stays, and what there is now is saved beside it.
        string? unread = null;
        if (result.Try(out taken, out _) && taken.Unread.IsError)
        {
            unread = DestinationRefusals.PartialUnread(destination.Place, taken.Unread);
            destination.WorkElsewhere(FreeName.Random(place.Bundle));
            result = PartialDirectory.Take(destination);
        }

        if (result.Try(out taken, out refusal))
        {
            IDirectory partial = taken.Directory!;
            if (Furnish(destination, partial, taken.Earlier, bootId)
                .Try(out BundleDirectory? prepared, out refusal))
            {
                prepared.unread = unread;
                return prepared;
            }

            // What an earlier run has left may be of use to a later one, when the disk has room again.
            if (taken.Earlier is null)
                _ = destination.Directory.RemoveGently(destination.Place.PartialName, partial, static () => false);
            partial.Dispose();
        }

        destination.Dispose();
        return refusal;
    }

    /// <summary>
    /// Makes the bundle visible: first its data and its receipt are synced, then it is renamed, or exchanged with the
    /// bundle that it replaces. Where its name is taken by then, it gets a free one. The first failure is final, and
    /// leaves everything under the partial name.
    /// </summary>
    /// <param name="keeper">Has finished all files.</param>
    /// <param name="writeReceipt">
    /// Writes and syncs the receipt, which says <see cref="BundleName"/>; tells its length, or 0.
    /// </param>
    /// <param name="record">Says whether the copy is given up; null for one that is not.</param>
    /// <param name="header">
    /// What the bundle has, to compare it with one that it would replace; null to replace that in any case.
    /// </param>
    public Refusal? Commit(
        OutputKeeper keeper,
        Func<IOutputFile, IoResult> writeReceipt,
        CommitRecord? record = null,
        ReceiptHeader? header = null)
    {
        Refusal? refusal = TryCommit(keeper, writeReceipt, record ?? new CommitRecord(), header);
        if (refusal is not null && startsOver)
            Journal.Discard(Io);
        return refusal;
    }

    public void Dispose()
    {
        naming.Dispose();
        receipt?.Dispose();
        Journal.Dispose();
        Segments.Dispose();
        Files.Dispose();
        partial.Dispose();
        destination.Dispose();
    }

    private Refusal? TryCommit(
        OutputKeeper keeper, Func<IOutputFile, IoResult> writeReceipt, CommitRecord record, ReceiptHeader? header)
    {
        destination.GiveRoomBack();
        if (keeper.RemoveEarlier() is { IsOk: false } earlier)
            return NotCommitted("removing a file of an earlier run", earlier);
        if (Facts.Left is { IsOk: false } facts)
            return NotCommitted("removing facts that are not on disk", facts);
        // Before the receipt, which says where these hashes are.
        Segments.Complete();
        naming.Choose(header);
        // Writing the receipt of 20,000 files takes as long (60 ms) as syncing the files, so both are done at once.
        // A receipt on disk means nothing before the bundle has its name.
        using FilesystemSync? sync = keeper.HasUnsynced || Facts.HasUnsynced
            ? destination.Directory.BeginSyncFilesystem()
            : null;
        IoResult written = writeReceipt(receipt!);
        if (sync?.Wait() is { IsOk: false } all)
            return NotCommitted("syncing the filesystem", all);
        if (keeper.SyncDirectories() is { IsOk: false } unsynced)
            return NotCommitted("syncing a directory", unsynced);
        if (!written.IsOk)
            return NotCommitted("writing the receipt", written);
        IoResult identified = receipt!.Identify(out FileIdentity receiptIdentity);
        if (!identified.IsOk)
            return NotCommitted("looking at the receipt", identified);
        if (written.Value != 0 && receiptIdentity.SizeBytes != written.Value)
            return DestinationRefusals.OutputChanged(Place, BundleNames.Receipt);
        if (partial.SyncWhereSupported() is { IsOk: false } made)
            return NotCommitted("syncing the bundle's directory", made);
        if (FindChanged(keeper, receiptIdentity) is { } changed)
            return DestinationRefusals.OutputChanged(Place, changed);
        FindForeign(keeper);
        if (!record.TryName())
            return DestinationRefusals.GivenUp(Place);
        if (naming.Take(() => writeReceipt(receipt!)) is { } refused)
            return refused;
        receipt.Dispose();
        receipt = null;
        // Where other users may write, one of them may have put another directory under the name. Where the kernel does
        // not tell, the rename's success counts.
        if (partial.IsAt(destination.Directory, BundleName) == false)
        {
            naming.Lose();
            return DestinationRefusals.Replaced(NamedPlace);
        }

        IoResult last = destination.Directory.SyncWhereSupported();
        if (!last.IsOk || !record.TryKeepName())
        {
            IoResult takenBack = naming.TakeBack();
            return !takenBack.IsOk ? DestinationRefusals.NameStays(NamedPlace, last.Error, takenBack.Error)
                : last.IsOk ? DestinationRefusals.GivenUp(Place)
                : NotCommitted("syncing the destination", last);
        }

        naming.Keep();
        // Only now: without it, the partial directory would look like a finished bundle, which is never removed. In a
        // bundle that has its name it means nothing, so a crash may leave it there.
        _ = Journal.Remove();
        return null;
    }

    /// <summary>Nothing is committed, and a later run goes on from what is here.</summary>
    /// <param name="savedBytes">Data that is saved, in bytes.</param>
    /// <param name="isStopped">The copy was stopped. Otherwise no source could be opened.</param>
    public Refusal Leave(long savedBytes, bool isStopped) => isStopped
        ? DestinationRefusals.Stopped(Place, savedBytes)
        : DestinationRefusals.SourcesGone(Place, savedBytes);

    /// <summary>
    /// Removes the bundle that was replaced, and older ones beyond the limits. Only after <see cref="Commit"/> has
    /// succeeded.
    /// </summary>
    /// <param name="limits">The limits of the destination.</param>
    /// <param name="now">The time.</param>
    /// <param name="isStopped">Asked between the steps whether to end early.</param>
    public DestinationCleanup CleanUp(RetentionSettings limits, DateTimeOffset now, Func<bool> isStopped)
    {
        DestinationCleanup cleanup = new DestinationCleaner(destination, limits, now, isStopped).Run(naming.Replaced);
        string[] more = [.. unread is null ? (string[])[] : [unread],
            .. foreign.Select(name => DestinationRefusals.Foreign(NamedPlace, name))];
        return more.Length == 0 ? cleanup : cleanup with { Warnings = [.. more, .. cleanup.Warnings] };
    }

    private static Result<BundleDirectory, Refusal> Furnish(
        Destination destination, IDirectory partial, EarlierRun? earlier, string bootId)
    {
        nint slab = destination.Place.Block;
        // Before everything else, and synced with the directory: it tells the directory from a finished bundle.
        IoResult<JournalFile> begun = earlier is null
            ? JournalFile.Create(partial, destination.Io, slab)
            : IoResult<JournalFile>.Ok(JournalFile.Continue(
                partial, destination.Io, slab, bootId, destination.Place.Bundle, earlier.JournalBlocks));
        if (!begun.Try(out JournalFile? journal, out Errno error))
            return DestinationRefusals.NotCreated(destination.Place.Path, destination.Io, error);
        if (!FindMissingPromises(destination, partial).Try(out List<string>? missing, out Refusal? refusal))
        {
            journal.Dispose();
            return refusal;
        }

        IoResult<IDirectory> opened = earlier is null
            ? partial.CreateDirectory(BundleNames.Files)
            : partial.OpenOwnDirectory(BundleNames.Files);
        if (!opened.Try(out IDirectory? files, out error))
        {
            journal.Dispose();
            return DestinationRefusals.NotCreated(destination.Place.Path, destination.Io, error);
        }

        if (partial.CreateFile(BundleNames.Receipt, destination.Io).Try(out IOutputFile? receipt, out error))
        {
            refusal = destination.Reserve(receipt, earlier?.DataBytes ?? 0)
                ?? (destination.HasBundle && earlier is null ? TryExchange(destination.Place, partial) : null);
            if (refusal is null)
            {
                if (earlier is null)
                    journal.Start(bootId, destination.Place.Bundle, destination.FreeBytes());
                return new BundleDirectory(destination, partial, files, receipt, journal, earlier, missing);
            }

            receipt.Dispose();
        }
        else
        {
            refusal = DestinationRefusals.NotCreated(destination.Place.Path, destination.Io, error);
        }

        journal.Dispose();
        files.Dispose();
        return refusal;
    }

    /// <summary>Tries the exchange on two names that were just made, and takes it back.</summary>
    private static Refusal? TryExchange(BundlePlace place, IDirectory partial)
    {
        for (int i = 0; i < 2; i++)
        {
            IoResult exchanged = partial.Exchange(BundleNames.Files, BundleNames.Receipt);
            if (exchanged.Error.Code == EINVAL)
                return DestinationRefusals.CannotExchange(place);
            if (!exchanged.IsOk)
                return DestinationRefusals.Unusable(place.Path, exchanged.Error);
        }

        return null;
    }

    private static Result<List<string>, Refusal> FindMissingPromises(Destination destination, IDirectory partial)
    {
        BundlePlace place = destination.Place;
        List<string> missing = [];
        // Asked on the new directory, where it costs one commit of the journal at most.
        IoResult synced = partial.Sync();
        if (synced.Error.Code == EINVAL)
            missing.Add(BundleNames.UnsyncedDirectories);
        else if (!synced.IsOk)
            return DestinationRefusals.Unusable(place.Path, synced.Error);
        // This process has just made the directory, with mode 0700. On exFAT, NTFS or NFS the mount may fix owner and
        // mode.
        if (partial.ClaimTo(destination.Directory, place.PartialName) is DirectoryClaim.OfAnother
            or DirectoryClaim.OpenToOthers)
        {
            if (place.MustBePrivate)
                return DestinationRefusals.NotPrivate(place.Path);
            missing.Add(BundleNames.NotPrivate);
        }

        return Result<List<string>, Refusal>.Ok(missing);
    }

    // A process of the same user could remove, replace or cut a file while the copy ran.
    private string? FindChanged(OutputKeeper keeper, FileIdentity receiptIdentity)
    {
        if (partial.IsChanged(BundleNames.Receipt, receiptIdentity))
            return BundleNames.Receipt;

        if (Journal.IsChanged())
            return BundleNames.Journal;
        if (Segments.IsChanged())
            return BundleNames.SegmentChecksums;
        if (Facts.FindChanged() is { } fact)
            return fact;
        return Files.IsAt(partial, BundleNames.Files) == false ? BundleNames.Files : keeper.FindChanged();
    }

    // It stays: it may be of use to its owner. All that the receipt lists is right.
    private void FindForeign(OutputKeeper keeper)
    {
        const int MaxTold = 10;
        IEnumerable<string> beside = partial.ListOthers(BundleNames.IsMadeByCopy, MaxTold)
            .Try(out IReadOnlyList<string>? others, out _) ? others : [];
        foreign = [.. beside.Concat(keeper.FindForeign(MaxTold)).Take(MaxTold)];
    }

    private Refusal NotCommitted(string step, IoResult failed)
    {
        startsOver = true;
        return DestinationRefusals.NotCommitted(Place, step, failed.Error);
    }
}
