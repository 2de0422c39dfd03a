using BundleCopier.Actors;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Settings;

namespace BundleCopier.Write;

/// <summary>The place of a bundle, and what the copy needs there.</summary>
/// <param name="Path">The destination directory.</param>
/// <param name="Bundle">The bundle's name.</param>
/// <param name="WantedIo">How the settings want files to be written; null to try it out.</param>
/// <param name="ReceiptBytes">The most space that the receipt takes, in bytes.</param>
/// <param name="ShortReceiptBytes">The same where space is short.</param>
/// <param name="Block">
/// The address of memory on a block boundary. A dry run needs one block for a trial write, a copy needs a segment.
/// </param>
/// <param name="MustBePrivate">Refuse a filesystem that cannot keep other users out of the bundle.</param>
/// <param name="StartsFresh">Remove what an earlier run has left, and do not go on from it.</param>
/// <param name="KeepFree">Space that must stay free; null for none.</param>
/// <param name="Replaces">A bundle that has the name already is replaced.</param>
/// <param name="LeastReceiptBytes">The space of a receipt without the matches of patterns.</param>
/// <param name="TrustsAny">Use the destination also where other users can rename what the copy makes.</param>
internal sealed record BundlePlace(
    string Path,
    string Bundle,
    OutputIo? WantedIo,
    long ReceiptBytes,
    long ShortReceiptBytes,
    nint Block,
    bool MustBePrivate = false,
    bool StartsFresh = false,
    DiskAmount? KeepFree = null,
    bool Replaces = false,
    long LeastReceiptBytes = long.MaxValue,
    bool TrustsAny = false)
{
    /// <summary>Shows that a long step gets on, and follows the disk; null where no actor waits for it.</summary>
    public Pulse? Pulse { get; init; }

    /// <summary>
    /// Asked about an output of an earlier run, by its path below <c>files/</c>: whether a file of this run may take it
    /// over. Null where that is not known, and all of them stay until the commit.
    /// </summary>
    public Func<string, bool>? WantsOutput { get; init; }

    /// <summary>The path of the bundle when it is committed.</summary>
    public string BundlePath => PathText.Join(Path, Bundle);

    /// <summary>The name of its directory until then.</summary>
    public string PartialName => BundleNames.Partial(Working ?? Bundle);

    /// <summary>
    /// The name from which <see cref="PartialName"/> is made, where another user has the one of the bundle; otherwise
    /// null.
    /// </summary>
    public string? Working { get; init; }

    /// <summary>The path of its directory until then.</summary>
    public string PartialPath => PathText.Join(Path, PartialName);

    /// <summary>The place of the bundle of a manifest; nothing of an earlier run is removed.</summary>
    /// <param name="manifest">The manifest; its destination must be set.</param>
    /// <param name="settings">The settings of the copy.</param>
    /// <param name="listing">Its files, which the receipt must have room for.</param>
    /// <param name="block">See <see cref="Block"/>.</param>
    public static BundlePlace Of(BundleManifest manifest, CopySettings settings, SourceListing listing, nint block) =>
        new(
            manifest.Destination!,
            manifest.Bundle,
            settings.WriterIo,
            listing.ReceiptBytes,
            listing.ShortReceiptBytes,
            block,
            MustBePrivate: settings.DestinationPrivacy == DestinationPrivacy.Require,
            KeepFree: settings.DestinationKeepFree,
            Replaces: settings.Replace,
            LeastReceiptBytes: listing.LeastReceiptBytes,
            TrustsAny: settings.DestinationTrust == DestinationTrust.Any);
}
