using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
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
    private IOutputFile? receipt; // null once it is complete
    private bool isNamed;
    private bool isCommitted;

    private BundleDirectory(
        Destination destination,
        IDirectory partial,
        IDirectory files,
        IOutputFile receipt,
        IReadOnlyList<string> missingPromises)
    {
        Segments = new SegmentChecksumFile(partial, destination.Io, destination.Place.Block);
        MissingPromises = missingPromises;
        this.destination = destination;
        this.partial = partial;
        this.receipt = receipt;
        Files = files;
    }

    /// <summary>The directory of the copied files. This object owns it.</summary>
    public IDirectory Files { get; }

    /// <summary>The hashes of the segments of raw files.</summary>
    public SegmentChecksumFile Segments { get; }

    /// <summary>How files are written.</summary>
    public OutputIo Io => destination.Io;

    /// <summary>What the filesystem does not promise, in the words of the receipt.</summary>
    public IReadOnlyList<string> MissingPromises { get; }

    /// <summary>The path of the bundle when it is committed.</summary>
    public string BundlePath => Place.BundlePath;

    private BundlePlace Place => destination.Place;

    /// <summary>
    /// Takes the bundle's partial name, removes what a killed copy left under it, and reserves space for the receipt.
    /// </summary>
    public static Result<BundleDirectory, Refusal> Prepare(IKernel kernel, BundlePlace place)
    {
        if (!Destination.Open(kernel, place).Try(out Destination? destination, out Refusal? refusal))
            return refusal;
        if (PartialDirectory.Take(destination).Try(out IDirectory? partial, out refusal))
        {
            if (Furnish(destination, partial).Try(out BundleDirectory? prepared, out refusal))
                return prepared;
            _ = destination.Directory.RemoveTree(place.PartialName);
            partial.Dispose();
        }

        destination.Dispose();
        return refusal;
    }

    /// <summary>
    /// Makes the bundle visible: first its data and its receipt are synced, then it is renamed. The first failure is
    /// final, and leaves everything under the partial name.
    /// </summary>
    /// <param name="keeper">Has finished all files.</param>
    /// <param name="writeReceipt">Writes and syncs the receipt.</param>
    /// <param name="record">Says whether the copy is given up; null for one that is not.</param>
    public Refusal? Commit(OutputKeeper keeper, Func<IOutputFile, IoResult> writeReceipt, CommitRecord? record = null)
    {
        record ??= new CommitRecord();
        // Before the receipt, which says where these hashes are.
        Segments.Complete();
        // Writing the receipt of 20,000 files takes as long (60 ms) as syncing the files, so both are done at once.
        // A receipt on disk means nothing before the bundle has its name.
        using FilesystemSync? sync = keeper.HasUnsynced ? destination.Directory.BeginSyncFilesystem() : null;
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
        receipt.Dispose();
        receipt = null;
        if (partial.SyncWhereSupported() is { IsOk: false } made)
            return NotCommitted("syncing the bundle's directory", made);
        if (FindChanged(keeper, receiptIdentity) is { } changed)
            return DestinationRefusals.OutputChanged(Place, changed);
        if (!record.TryName())
            return DestinationRefusals.GivenUp(Place);
        if (destination.Directory.Rename(Place.PartialName, Place.Bundle) is { IsOk: false } renamed)
        {
            return renamed.Error.Code == EEXIST
                ? DestinationRefusals.BundleExists(Place)
                : NotCommitted("renaming the bundle", renamed);
        }

        isNamed = true;
        // Where other users may write, one of them may have put another directory under the name. Where the kernel does
        // not tell, the rename's success counts.
        if (partial.IsAt(destination.Directory, Place.Bundle) == false)
        {
            isNamed = false;
            return DestinationRefusals.Replaced(Place);
        }

        IoResult last = destination.Directory.SyncWhereSupported();
        if (!last.IsOk || !record.TryKeepName())
        {
            IoResult takenBack = Unname();
            return !takenBack.IsOk ? DestinationRefusals.NameStays(Place, last.Error, takenBack.Error)
                : last.IsOk ? DestinationRefusals.GivenUp(Place)
                : NotCommitted("syncing the destination", last);
        }

        isCommitted = true;
        return null;
    }

    public void Dispose()
    {
        _ = Unname();
        receipt?.Dispose();
        Segments.Dispose();
        Files.Dispose();
        partial.Dispose();
        destination.Dispose();
    }

    private static Result<BundleDirectory, Refusal> Furnish(Destination destination, IDirectory partial)
    {
        if (!FindMissingPromises(destination, partial).Try(out List<string>? missing, out Refusal? refusal))
            return refusal;
        if (!partial.CreateDirectory(BundleNames.Files).Try(out IDirectory? files, out Errno error))
            return DestinationRefusals.NotCreated(destination.Place.Path, destination.Io, error);
        if (partial.CreateFile(BundleNames.Receipt, destination.Io).Try(out IOutputFile? receipt, out error))
        {
            refusal = destination.Reserve(receipt);
            if (refusal is null)
                return new BundleDirectory(destination, partial, files, receipt, missing);
            receipt.Dispose();
        }
        else
        {
            refusal = DestinationRefusals.NotCreated(destination.Place.Path, destination.Io, error);
        }

        files.Dispose();
        return refusal;
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

    /// <summary>
    /// Takes the name back from a bundle that is not committed. The name might not survive a power cut, and the caller
    /// is told that there is no bundle, so none must be visible.
    /// </summary>
    private IoResult Unname()
    {
        bool isToBeTakenBack = isNamed && !isCommitted;
        isNamed = false;
        return isToBeTakenBack ? destination.Directory.Rename(Place.Bundle, Place.PartialName) : IoResult.Done;
    }

    // A process of the same user could remove, replace or cut a file while the copy ran.
    private string? FindChanged(OutputKeeper keeper, FileIdentity receiptIdentity)
    {
        if (!partial.Identify(BundleNames.Receipt, out FileIdentity found).IsOk || found != receiptIdentity
            || found.Links > 1)
        {
            return BundleNames.Receipt;
        }

        if (Segments.IsChanged())
            return BundleNames.SegmentChecksums;
        return Files.IsAt(partial, BundleNames.Files) == false ? BundleNames.Files : keeper.FindChanged();
    }

    private Refusal NotCommitted(string step, IoResult failed) =>
        DestinationRefusals.NotCommitted(Place, step, failed.Error);
}
