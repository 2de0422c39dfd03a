using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Gives a bundle its name: by a rename, or by an exchange with the bundle that it replaces. Where the name is taken
/// by what is not replaced, the bundle gets a free one, so that what was saved is not lost. Synchronous and without
/// actors.
/// </summary>
/// <param name="destination">The destination, which the caller owns.</param>
internal sealed class BundleNaming(Destination destination) : IDisposable
{
    // The first may be the bundle's own or a guessable one; no other user can take the others.
    private const int MaxNames = 4;

    private ReceiptHeader? made;
    private bool isReplacing;
    private bool isNamed;
    private bool isKept;

    /// <summary>The bundle that had the name before; null where there was none.</summary>
    public OldBundle? Replaced { get; private set; }

    /// <summary>Another bundle has the name, and the commit replaces it.</summary>
    private bool HasPredecessor => Place.Replaces
        && Parent.FindOwner(Place.Bundle, out bool isOfAnother).IsOk
        && !isOfAnother;

    private BundlePlace Place => destination.Place;

    private IDirectory Parent => destination.Directory;

    /// <summary>Chooses the name for the receipt.</summary>
    /// <param name="header">
    /// What the new bundle has; null where it is not compared with the one that it replaces.
    /// </param>
    public void Choose(ReceiptHeader? header = null)
    {
        // A complete bundle replaces any other, so nothing is compared.
        made = header is { Status: BundleStatus.Complete } ? null : header;
        isReplacing = HasPredecessor && !HasBetter();
        destination.ChooseName(isReplacing);
    }

    /// <summary>Takes the name, or another one where it was taken since <see cref="Choose"/>.</summary>
    /// <param name="writeReceipt">Writes the receipt again, because the name has changed.</param>
    public Refusal? Take(Func<IoResult> writeReceipt)
    {
        if (isReplacing)
        {
            if (!TryExchange().Try(out isReplacing, out Refusal? refusal))
                return refusal;
            if (isReplacing)
                return null;
            if (ChooseAgain(writeReceipt) is { } unwritten)
                return unwritten;
        }

        for (int attempt = 1; ; attempt++)
        {
            IoResult renamed = Parent.Rename(Place.PartialName, destination.BundleName);
            isNamed = renamed.IsOk;
            if (renamed.IsOk)
                return null;
            // Where the filesystem cannot rename without replacing, the sticky bit makes it EPERM.
            if (renamed.Error.Code != EEXIST && !Parent.Probe(destination.BundleName).IsOk)
                return DestinationRefusals.NotCommitted(Place, "renaming the bundle", renamed.Error);
            if (attempt == MaxNames)
                return DestinationRefusals.BundleExists(Place);
            if (ChooseAgain(writeReceipt) is { } unwritten)
                return unwritten;
        }
    }

    /// <summary>
    /// Takes the name back from a bundle that is not committed. The name might not survive a power cut, and the caller
    /// is told that there is no bundle, so none must be visible.
    /// </summary>
    public IoResult TakeBack()
    {
        bool isToBeTakenBack = isNamed && !isKept;
        isNamed = false;
        if (!isToBeTakenBack)
            return IoResult.Done;
        return Replaced is null
            ? Parent.Rename(destination.BundleName, Place.PartialName)
            : Parent.Exchange(destination.BundleName, Place.PartialName);
    }

    /// <summary>Another directory has the name: it is not taken back from it.</summary>
    public void Lose() => isNamed = false;

    /// <summary>The bundle is committed.</summary>
    public void Keep() => isKept = true;

    public void Dispose()
    {
        _ = TakeBack();
        Replaced?.Dispose();
    }

    /// <summary>
    /// A bundle that is not complete does not replace one with more data. The destination remembers that the old one
    /// stays.
    /// </summary>
    private bool IsBetter(OldBundle old)
    {
        // Receipts of earlier versions do not tell how much data there is: the old bundle may have more.
        bool isBetter = made is not null && !(made.DataBytes >= old.Head.DataBytes);
        if (isBetter)
            destination.Better = new BetterBundle(old.Name, old.Head.DataBytes);
        return isBetter;
    }

    private bool HasBetter()
    {
        // What cannot be opened is not replaced in any case (TryExchange).
        if (made is null || !OldBundle.Open(Parent, Place.Bundle, Place.Block).Try(out OldBundle? old, out _))
            return false;
        using (old)
            return IsBetter(old);
    }

    private Refusal? ChooseAgain(Func<IoResult> writeReceipt)
    {
        destination.ChooseName(isReplacing: false);
        return writeReceipt() is { IsOk: false } failed
            ? DestinationRefusals.NotCommitted(Place, "writing the receipt", failed.Error)
            : null;
    }

    /// <summary>
    /// Exchanges the names of the old and the new bundle. False where the old one is not to be replaced.
    /// </summary>
    private Result<bool, Refusal> TryExchange()
    {
        // Much may have happened to it since the copy began. What is saved gets a free name then.
        if (!OldBundle.Open(Parent, Place.Bundle, Place.Block).Try(out OldBundle? old, out _))
            return false;
        if (old.IsKept || IsBetter(old))
        {
            old.Dispose();
            return false;
        }

        Replaced = old;
        IoResult exchanged = Parent.Exchange(Place.PartialName, Place.Bundle);
        if (exchanged.Error.Code == ENOENT)
        {
            // The old one was removed just now, and the name is free.
            Replaced = null;
            old.Dispose();
            return false;
        }

        if (!exchanged.IsOk)
        {
            return exchanged.Error.Code == EINVAL
                ? DestinationRefusals.CannotExchange(Place)
                : DestinationRefusals.NotCommitted(
                    Place, "exchanging the names of the old and the new bundle", exchanged.Error);
        }

        // Before anything that can fail: the names must be exchanged back then.
        isNamed = true;
        if (old.Directory.IsAt(Parent, Place.PartialName) != false)
            return true;
        // Another process has put something else under the name at the last moment. It gets its name back.
        IoResult takenBack = TakeBack();
        Replaced = null;
        old.Dispose();
        return takenBack.IsOk ? false : DestinationRefusals.Replaced(Place);
    }
}
