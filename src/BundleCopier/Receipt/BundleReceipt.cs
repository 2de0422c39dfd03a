using System.Text.Json.Serialization;

namespace BundleCopier.Receipt;

/// <summary>What is in a bundle, what is missing and why: the content of <c>receipt.json</c>.</summary>
public sealed record BundleReceipt
{
    /// <summary>
    /// The version of the format that this program knows. Fields may be added to it; none is renamed or removed.
    /// </summary>
    internal const int CurrentVersion = 1;

    /// <summary>The version of the format.</summary>
    public required int Version { get; init; }

    /// <summary>The bundle's name.</summary>
    public required string Bundle { get; init; }

    /// <summary>How the run ended.</summary>
    public required BundleStatus Status { get; init; }

    /// <summary>When the run began, in UTC.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the bundle was about to be committed, in UTC.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>
    /// Bytes of data of all files that are in the bundle, without holes; null in receipts of earlier versions.
    /// </summary>
    public long? DataBytes { get; init; }

    /// <summary>The manifest's labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>
    /// What the destination's filesystem does not promise; null where it promises all that a copy asks for.
    /// <c>directory-names</c>: it does not sync directories, so a power cut soon after the copy can take the bundle's
    /// name away. <c>private</c>: the mount fixes owner or mode, so other users may read the bundle.
    /// </summary>
    public IReadOnlyList<string>? Durability { get; init; }

    /// <summary>
    /// What was wanted and is not saved, by reason, the largest first; null where nothing is missing.
    /// </summary>
    public IReadOnlyList<ReceiptMissing>? Missing { get; init; }

    /// <summary>
    /// True where the run went on from what an earlier run of the same bundle had written before it was killed; null
    /// otherwise.
    /// </summary>
    public bool? Resumed { get; init; }

    /// <summary>
    /// The bundle's name in the manifest, where another user or another copy had taken it, so that the bundle got the
    /// free name in <see cref="Bundle"/>; null otherwise.
    /// </summary>
    public string? WantedBundle { get; init; }

    /// <summary>
    /// Bytes of data of the bundle that has the name <see cref="WantedBundle"/>, where <c>--replace</c> has left it,
    /// because this one is not complete and has less; null otherwise.
    /// </summary>
    public long? WantedBundleDataBytes { get; init; }

    /// <summary>
    /// The facts about the processes whose memory was copied, and about the machine; null where there are none.
    /// </summary>
    public IReadOnlyList<ReceiptFact>? Facts { get; init; }

    /// <summary>
    /// How long a crashed process was held until its core was read, in milliseconds from the arrival of the crash; null
    /// where no process was held.
    /// </summary>
    public long? ReleaseMs { get; init; }

    /// <summary>One entry for each file, and for each pattern that matched none.</summary>
    public required IReadOnlyList<ReceiptFile> Files { get; init; }

    /// <summary>What the run used.</summary>
    public required ReceiptResources Resources { get; init; }

    /// <summary>What the run meant for other programs on the machine; null in receipts of earlier versions.</summary>
    public ReceiptBystanders? Bystanders { get; init; }
}

/// <summary>What was wanted and is not saved, for one reason.</summary>
/// <param name="Code">The <see cref="ReceiptError.Code"/> of the files.</param>
/// <param name="Files">How many files are missing, wholly or in part.</param>
/// <param name="Bytes">
/// Bytes of data in them that are not saved, without holes. Files that were not opened do not count.
/// </param>
/// <param name="Reason">Why, in a few words for people; null in receipts of earlier versions.</param>
public sealed record ReceiptMissing(string Code, int Files, long Bytes, string? Reason = null);

/// <summary>What a run used, measured.</summary>
public sealed record ReceiptResources
{
    /// <summary>The limit on the data in flight, in bytes.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>The largest amount of data in flight, in bytes.</summary>
    public required long PeakInFlightBytes { get; init; }

    /// <summary>The process's largest resident set, in bytes.</summary>
    public required long PeakRssBytes { get; init; }

    /// <summary>
    /// How many bytes of the bundle's files were in the page cache at the end; null when the kernel did not tell.
    /// </summary>
    public long? DestinationCachedBytes { get; init; }

    /// <summary>
    /// How many bytes of the bundle's files an earlier run had written, in a run that went on from there; otherwise
    /// null.
    /// </summary>
    public long? KeptBytes { get; init; }

    /// <summary>
    /// How many bytes of data an earlier run had saved that the run could not look at before it ended, because of its
    /// deadline or because a source could not be opened. They are not in the bundle. Null for none.
    /// </summary>
    public long? DroppedBytes { get; init; }

    /// <summary>
    /// How often a thread of the process waited for a page that was read from a disk, while it copied; null in receipts
    /// of earlier versions.
    /// </summary>
    public long? MajorFaults { get; init; }

    /// <summary>The duration of the run in seconds, without the measurements of a canary before it.</summary>
    public required double Seconds { get; init; }

    /// <summary>How long its phases took; null in receipts of earlier versions.</summary>
    public ReceiptPhases? Phases { get; init; }

    /// <summary>
    /// How it went over time, in at most 100 samples; null in receipts of earlier versions, and where the disk had no
    /// room for it.
    /// </summary>
    public IReadOnlyList<ReceiptSample>? Timeline { get; init; }
}
