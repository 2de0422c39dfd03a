using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Write;

/// <summary>
/// The messages between the supervisor and the keeper, which owns the bundle's directory and the descriptors of its
/// files.
/// </summary>
internal static class KeeperProtocol
{
    /// <summary>
    /// Make the bundle's directory. Answered by <see cref="BundlePrepared"/> or <see cref="BundleRefused"/>.
    /// </summary>
    public sealed record PrepareBundle(BundleManifest Manifest, SourceListing Listing);

    /// <param name="Io">How files are written.</param>
    /// <param name="Overlaps">True when writers need not wait for each write.</param>
    /// <param name="MissingPromises">What the filesystem does not promise, in the words of the receipt.</param>
    /// <param name="FreeBytes">
    /// The free bytes that the copy may use, without the receipt's; null where the filesystem does not tell.
    /// </param>
    /// <param name="HasShortReceipt">
    /// The receipt has no room for extended attributes, and for few pieces of files.
    /// </param>
    /// <param name="Cut">
    /// The files that the receipt has room for, where it has not for all matches of patterns; null where it has.
    /// </param>
    /// <param name="Earlier">What an earlier run has saved of each file; null for nothing.</param>
    /// <param name="UnclaimedBytes">
    /// What it has saved of files that no entry has found again, because a directory could not be listed or has no
    /// match any more, in bytes of data.
    /// </param>
    /// <param name="Facts">The facts that are in the bundle, and those that are not; null for none.</param>
    public sealed record BundlePrepared(
        OutputIo Io,
        bool Overlaps,
        IReadOnlyList<string> MissingPromises,
        long? FreeBytes = null,
        bool HasShortReceipt = false,
        SourceListing? Cut = null,
        EarlierShare[]? Earlier = null,
        long UnclaimedBytes = 0,
        IReadOnlyList<ReceiptFact>? Facts = null);

    /// <summary>How much space is free? Answered by <see cref="SpaceMeasured"/>.</summary>
    public sealed record MeasureSpace;

    /// <param name="FreeBytes">The free bytes that the copy may use; null where the filesystem does not tell.</param>
    public sealed record SpaceMeasured(long? FreeBytes);

    /// <summary>There is no bundle. What had been made is removed where that was possible.</summary>
    public sealed record BundleRefused(Refusal Refusal);

    /// <summary>Make a file. Answered by <see cref="OutputCreated"/> or <see cref="OutputRefused"/>.</summary>
    /// <param name="File">The file.</param>
    /// <param name="SizeBytes">The source's size.</param>
    /// <param name="IsCompressed">True when it becomes an LZ4 stream.</param>
    /// <param name="Stamp">The source, to find out whether an earlier run has copied some of it.</param>
    public sealed record CreateOutput(PlannedFile File, long SizeBytes, bool IsCompressed, SourceStamp Stamp);

    /// <param name="Index">The index of the file.</param>
    /// <param name="Output">Its descriptor.</param>
    /// <param name="HasEarlier">
    /// An earlier run made it: <see cref="CheckOutput"/> must find out what of it is good, before it is written.
    /// </param>
    /// <param name="HasFreedSpace">An output of an earlier run was removed.</param>
    public sealed record OutputCreated(
        int Index, IOutputFile Output, bool HasEarlier = false, bool HasFreedSpace = false);

    /// <summary>
    /// Compare the next segments of an earlier run's output with its journal. Answered by <see cref="OutputChecked"/>,
    /// <see cref="OutputLeft"/> or <see cref="OutputRefused"/>.
    /// </summary>
    /// <param name="File">The file.</param>
    /// <param name="IsCompressed">True when it is an LZ4 stream.</param>
    /// <param name="End">Whether to compare more.</param>
    public sealed record CheckOutput(PlannedFile File, bool IsCompressed, CheckEnd End);

    /// <summary>What becomes of what is not compared yet.</summary>
    public enum CheckEnd
    {
        /// <summary>It is compared.</summary>
        WhenDone,

        /// <summary>It counts as not there, and is removed: the bundle is to be committed at once.</summary>
        Drop,

        /// <summary>All of the output stays as it is, for a later run.</summary>
        Leave,
    }

    /// <param name="Index">The index of the file.</param>
    /// <param name="Output">Its descriptor.</param>
    /// <param name="Kept">The segments that are good, in order; null while there is more to compare.</param>
    public sealed record OutputChecked(int Index, IOutputFile Output, KeptList? Kept);

    /// <summary>The output of an earlier run is closed and stays as it is.</summary>
    public sealed record OutputLeft(int Index);

    /// <summary>
    /// Write down that these segments are on disk. Answered by <see cref="SegmentsJournaled"/>.
    /// </summary>
    public sealed record JournalSegments(IReadOnlyList<JournalEntry> Entries);

    public sealed record SegmentsJournaled
    {
        public static SegmentsJournaled Instance { get; } = new();
    }

    public sealed record OutputRefused(int Index, Fault Fault);

    /// <summary>
    /// No segment of the file is in flight any more: give it its final length, sync it and close it. Answered by
    /// <see cref="OutputFinished"/> or <see cref="EndRefused"/>.
    /// </summary>
    /// <param name="File">The file.</param>
    /// <param name="Output">Its descriptor, which must not be used any more.</param>
    /// <param name="SizeBytes">The source's size.</param>
    /// <param name="WrittenBytes">How many bytes were written to it.</param>
    /// <param name="HeldBytes">How many of them must be there, if no other process has cut the file.</param>
    /// <param name="Discard">True when nothing in it is worth keeping: it is removed.</param>
    /// <param name="IsCompressed">True when it is an LZ4 stream.</param>
    /// <param name="End">The end of a compressed file; null for a raw one.</param>
    /// <param name="Segments">The hashes of a raw file's segments to store; null to store none.</param>
    public sealed record FinishOutput(
        PlannedFile File,
        IOutputFile Output,
        long SizeBytes,
        long WrittenBytes,
        long HeldBytes,
        bool Discard,
        bool IsCompressed,
        StreamEnd? End,
        IReadOnlyList<SegmentDigest>? Segments);

    /// <param name="Index">The index of the file.</param>
    /// <param name="CachedBytes">How many bytes of it are in the page cache; -1 where the kernel does not tell.</param>
    /// <param name="WrittenBytes">How many bytes were written to finish it.</param>
    /// <param name="Fault">Why nothing of it can be relied on; null when it can.</param>
    /// <param name="SegmentsOffset">Where the hashes of its segments are stored; null where they are not.</param>
    public sealed record OutputFinished(
        int Index, long CachedBytes, long WrittenBytes, Fault? Fault, long? SegmentsOffset = null);

    /// <summary>
    /// The disk has no space for the end of a compressed file, which is still open: give up some frames of it and
    /// finish it again.
    /// </summary>
    public sealed record EndRefused(int Index, Fault Fault);

    /// <summary>
    /// All files are finished: write the receipt and commit. Answered by <see cref="BundleCommitted"/> or <see
    /// cref="BundleRefused"/>.
    /// </summary>
    /// <param name="Receipt">What the receipt says.</param>
    /// <param name="LeftBytes">
    /// Null to commit. Otherwise nothing is committed, and a later run goes on: so many bytes of data are saved for it.
    /// </param>
    public sealed record CommitBundle(ReceiptDraft Receipt, long? LeftBytes = null);

    /// <param name="Path">The path of the bundle.</param>
    /// <param name="Bundle">Its name, which may not be the one of the manifest.</param>
    /// <param name="HasLostSegments">The hashes of segments could not be synced, and no file has any.</param>
    /// <param name="Cleanup">What was removed afterwards; null where nothing was looked at.</param>
    /// <param name="BetterBytes">The data of an old bundle that was not replaced, because it has more.</param>
    /// <param name="LastFacts">The facts that were written at the end; null for none.</param>
    public sealed record BundleCommitted(
        string Path,
        string Bundle,
        bool HasLostSegments = false,
        DestinationCleanup? Cleanup = null,
        long? BetterBytes = null,
        IReadOnlyList<ReceiptFact>? LastFacts = null);
}

/// <summary>The content of a receipt. The entries of its files are made while they are written.</summary>
internal sealed record ReceiptDraft(
    ReceiptHeader Header, IReadOnlyList<ReceiptFile> Files, ReceiptResources Resources, ReceiptBystanders Bystanders)
{
    public BundleReceipt ToReceipt() => new()
    {
        Version = BundleReceipt.CurrentVersion,
        Bundle = Header.Bundle,
        Status = Header.Status,
        StartedAt = Header.StartedAt,
        FinishedAt = Header.FinishedAt,
        DataBytes = Header.DataBytes,
        Labels = Header.Labels,
        Durability = Header.Durability,
        Missing = Header.Missing,
        Resumed = Header.Resumed,
        Program = Header.Origin?.Program,
        Host = Header.Origin?.Host,
        Command = Header.Origin?.Command,
        Facts = Header.Facts,
        ReleaseMs = Header.ReleaseMs,
        WantedBundle = Header.WantedBundle,
        WantedBundleDataBytes = Header.WantedBundleDataBytes,
        Files = Files,
        Resources = Resources,
        Bystanders = Bystanders,
    };
}
