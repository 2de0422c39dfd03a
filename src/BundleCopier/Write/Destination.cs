using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The directory that gets a bundle, held open. It exists, its filesystem stores files, and it has no bundle of this
/// name, or one that is to be replaced.
/// </summary>
internal sealed class Destination : IDisposable
{
    // The matches of patterns get at most this part of the free space for their entries in the receipt.
    private const int MatchesShare = 8;

    // Where the saving for a short receipt is less than this part of the free space, a short one is not worth it.
    private const int ShortReceiptShare = 8;

    // A commit on btrfs reserves some 200 KiB of a quota group for each rename, and more for the receipt (measured).
    private const long MaxRoomBytes = 1 << 20;
    private const long MinRoomBytes = 128 << 10;

    private readonly long keepFreeBytes;
    private IOutputFile? room;

    private Destination(BundlePlace place, IDirectory directory, OutputIo io, NameHolder holder)
    {
        HasBundle = holder == NameHolder.OldBundle;
        IsNameTaken = holder == NameHolder.OtherUser;
        BundleName = place.Bundle;
        if (place.KeepFree is { } keepFree)
            keepFreeBytes = keepFree.Of(directory.TotalBytes() is { IsOk: true } total ? total.Value : null) ?? 0;
        Place = place;
        Directory = directory;
        Io = io;
    }

    public BundlePlace Place { get; private set; }

    public IDirectory Directory { get; }

    /// <summary>How files are written.</summary>
    public OutputIo Io { get; }

    /// <summary>The receipt has no room for extended attributes, and for few pieces of files.</summary>
    public bool HasShortReceipt { get; private set; }

    /// <summary>
    /// What is reserved for the receipt where that is too little for all matches of patterns; null where it is enough.
    /// </summary>
    public long? CutReceiptBytes { get; private set; }

    /// <summary>The free bytes that the copy may use; null where the filesystem does not tell.</summary>
    public long? FreeBytes()
    {
        IoResult free = Directory.FreeBytes();
        return free.IsOk ? free.Value - keepFreeBytes : null;
    }

    /// <summary>A bundle of this name was there when the destination was opened, and is to be replaced.</summary>
    public bool HasBundle { get; }

    /// <summary>Another user had the bundle's name when the destination was opened.</summary>
    public bool IsNameTaken { get; }

    /// <summary>The name that the bundle has, or gets.</summary>
    public string BundleName { get; private set; }

    /// <summary>The old bundle that stays, because it has more data than the new one; null for none.</summary>
    public BetterBundle? Better { get; set; }

    /// <summary>The path of the bundle when it is committed.</summary>
    public string BundlePath => PathText.Join(Place.Path, BundleName);

    /// <summary>
    /// Chooses the name of the bundle: its own, or a free one where that is taken by what the commit does not replace.
    /// </summary>
    /// <param name="isReplacing">The commit replaces the bundle that has the name.</param>
    public void ChooseName(bool isReplacing)
    {
        if (isReplacing || !Directory.Probe(BundleName).IsOk)
            return;
        BundleName = BundleName == Place.Bundle
            ? FreeName.Next(Directory, Place.Bundle)
            : FreeName.Random(Place.Bundle);
    }

    /// <summary>
    /// True when another user may have a name, or have had it a moment ago: others may write here, and the name is not
    /// this user's.
    /// </summary>
    public bool IsRacedFor(string name) =>
        Directory.ReadRights(out FileRights rights).IsOk
            && rights.IsWritableByOthers
            && (!Directory.FindOwner(name, out bool isOfAnother).IsOk || isOfAnother);

    /// <summary>
    /// Makes the bundle in a directory of another name, because its partial name is taken: by another user, or by what
    /// could not be read.
    /// </summary>
    public void WorkElsewhere(string working) => Place = Place with { Working = working };

    public static Result<Destination, Refusal> Open(IKernel kernel, BundlePlace place)
    {
        if (!kernel.OpenDirectory(place.Path).Try(out IDirectory? directory, out Errno error))
        {
            return error.Code == ENOENT || error.Code == ENOTDIR
                ? DestinationRefusals.Missing(place.Path, error, PathObstacle.Find(kernel, place.Path, error))
                : DestinationRefusals.Unusable(place.Path, error);
        }

        place.Pulse?.Follow(directory.OpenDiskCounter());
        if (FindBundle(directory, place).Try(out NameHolder holder, out Refusal? refusal)
            && ChooseIo(directory, place).Try(out OutputIo io, out refusal))
        {
            Destination found = new(place, directory, io, holder);
            // So that a copy that was killed is found again.
            if (directory.IsOfAnother(place.PartialName))
                found.WorkElsewhere(FreeName.Numbered(place.Bundle, 1));
            return found;
        }

        directory.Dispose();
        return refusal;
    }

    /// <summary>
    /// Reserves space for the receipt, so that it can be written even when the files have filled the disk. Where the
    /// settings name a way of writing, also tries whether the filesystem supports it.
    /// </summary>
    /// <param name="file">The receipt, or another file that is written the same way.</param>
    /// <param name="earlierBytes">What an earlier run of the copy has on the disk already, in bytes.</param>
    public Refusal? Reserve(IOutputFile file, long earlierBytes = 0)
    {
        long? free = FreeBytes();
        long? shared = free + earlierBytes;
        long shortBytes = Place.ShortReceiptBytes;
        if (shared / MatchesShare < shortBytes - Place.LeastReceiptBytes)
            CutReceiptBytes = shortBytes = Place.LeastReceiptBytes + Math.Max(0, (shared ?? 0) / MatchesShare);
        if (keepFreeBytes > 0 && free < shortBytes)
            return DestinationRefusals.KeptFree(Place);
        HasShortReceipt = CutReceiptBytes is not null
            || shared / ShortReceiptShare < Place.ReceiptBytes - Place.ShortReceiptBytes;
        IoResult reserved = file.Reserve(0, HasShortReceipt ? shortBytes : Place.ReceiptBytes);
        if (reserved.Error.IsNoSpace && !HasShortReceipt)
        {
            HasShortReceipt = true;
            reserved = ReserveLess(file, shortBytes);
        }

        if (reserved.Error.IsNoSpace && Place.LeastReceiptBytes < shortBytes)
        {
            CutReceiptBytes = Place.LeastReceiptBytes;
            reserved = ReserveLess(file, Place.LeastReceiptBytes);
        }

        // EOPNOTSUPP: the filesystem cannot reserve space; the copy goes on without.
        if (!reserved.IsOk && reserved.Error.Code != EOPNOTSUPP)
        {
            return reserved.Error.IsNoSpace
                ? DestinationRefusals.Full(Place.Path, reserved.Error)
                : DestinationRefusals.Unusable(Place.Path, reserved.Error);
        }

        if (Directory.WritesElsewhere && HoldRoom() is { } refusal)
            return refusal;
        if (Place.WantedIo is null)
            return null;
        Errno tried = file.Write(Place.Block, Alignment.Bytes, 0).Error;
        return tried.Code == EOPNOTSUPP || tried.Code == EINVAL
            ? DestinationRefusals.IoNotSupported(Place.Path, Io, tried)
            : null;
    }

    /// <summary>Gives back what was held for the commit, which begins now.</summary>
    public void GiveRoomBack()
    {
        room?.Dispose();
        room = null;
    }

    public void Dispose()
    {
        GiveRoomBack();
        Directory.Dispose();
    }

    /// <summary>
    /// Holds room for the commit in a file without a name. With copy on write, a write into reserved space also counts
    /// against a quota, and so does a rename. The files must not use that part up.
    /// </summary>
    private Refusal? HoldRoom()
    {
        Errno error = Errno.None;
        for (long bytes = MaxRoomBytes; bytes >= MinRoomBytes; bytes /= 2)
        {
            if (Directory.CreateNameless(Io).Try(out IOutputFile? held, out error))
            {
                error = held.Reserve(0, bytes).Error;
                if (!error.IsError)
                {
                    room = held;
                    return null;
                }

                held.Dispose();
            }

            // Only a quota needs it. Of a full disk the filesystem keeps some for its own trees.
            if (error.Code != EDQUOT)
                return null;
        }

        return DestinationRefusals.Full(Place.Path, error);
    }

    private static IoResult ReserveLess(IOutputFile file, long bytes)
    {
        // ext4 keeps the blocks that it found before it failed; only a change of the length frees them.
        IoResult cut = file.SetLength(Alignment.Bytes);
        cut = cut.IsOk ? file.SetLength(0) : cut;
        return cut.IsOk ? file.Reserve(0, bytes) : cut;
    }

    private static Result<NameHolder, Refusal> FindBundle(IDirectory directory, BundlePlace place)
    {
        if (directory.KernelFilesystem is { } filesystem)
            return DestinationRefusals.StoresNothing(place.Path, filesystem);
        if (directory.Untrusted is { } untrusted && !place.TrustsAny)
            return DestinationRefusals.Untrusted(place.Path, untrusted);
        // The bundle could be made, and not be renamed at the end.
        if (directory.IsAppendOnly)
            return DestinationRefusals.Unusable(place.Path, new Errno(EPERM));
        IoResult taken = directory.FindOwner(place.Bundle, out bool isOfAnother);
        if (!taken.IsOk)
            return taken.Error.Code == ENOENT
                ? NameHolder.None
                : DestinationRefusals.Unusable(place.Path, taken.Error);
        // Another user must not be able to stop the copy by a name.
        if (isOfAnother)
            return NameHolder.OtherUser;
        if (!place.Replaces)
            return DestinationRefusals.BundleExists(place);
        if (!OldBundle.Open(directory, place.Bundle, place.Block).Try(out OldBundle? old, out NoBundle? other))
            return DestinationRefusals.NotReplaced(place, other);
        using (old)
            return old.IsKept ? DestinationRefusals.NotReplaced(place, NoBundle.Kept) : NameHolder.OldBundle;
    }

    private static Result<OutputIo, Refusal> ChooseIo(IDirectory directory, BundlePlace place)
    {
        if (place.WantedIo is OutputIo.DontCache or OutputIo.Bounded)
            return place.WantedIo.Value;
        if (!directory.ProbeOutputIo().Try(out DestinationTraits? traits, out Errno error))
            return DestinationRefusals.Unusable(place.Path, error);
        // Some filesystems accept O_DIRECT and use the page cache all the same. The receipt must not call that direct.
        return place.WantedIo == OutputIo.Direct && traits.Io != OutputIo.Direct
            ? DestinationRefusals.IoNotSupported(place.Path, OutputIo.Direct, new Errno(EOPNOTSUPP))
            : traits.Io;
    }
}

/// <summary>A bundle that has the wanted name and is not replaced by one with less data.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataBytes">Its data in bytes; null where its receipt does not tell.</param>
internal sealed record BetterBundle(string Name, long? DataBytes);

/// <summary>What has the name of a bundle before the copy.</summary>
internal enum NameHolder
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A bundle that is to be replaced.</summary>
    OldBundle,

    /// <summary>Something of another user.</summary>
    OtherUser,
}
