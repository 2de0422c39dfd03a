using System.Text.Json.Serialization;

namespace BundleCopier.Receipt;

/// <summary>What is in a bundle, what is missing from it and why: the content of <c>receipt.json</c>.</summary>
public sealed record BundleReceipt
{
    /// <summary>
    /// The only version of the format there is. Fields may be added to it; none is renamed or removed.
    /// </summary>
    internal const int CurrentVersion = 1;

    /// <summary>The version of the format.</summary>
    public required int Version { get; init; }

    /// <summary>The bundle's name.</summary>
    public required string Bundle { get; init; }

    /// <summary>How the run ended.</summary>
    public required BundleStatus Status { get; init; }

    /// <summary>When the run began, in UTC; of a run that went on after a kill, when that one began.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the bundle was about to be committed, in UTC.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>The manifest's labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>One entry for each file, and for each pattern that matched none.</summary>
    public required IReadOnlyList<ReceiptFile> Files { get; init; }

    /// <summary>What the run used.</summary>
    public required ReceiptResources Resources { get; init; }

    /// <summary>What the run was to everybody else on the machine; null in receipts that do not tell.</summary>
    public ReceiptBystanders? Bystanders { get; init; }
}

/// <summary>What a run used, measured.</summary>
public sealed record ReceiptResources
{
    /// <summary>The most data that was allowed in flight, in bytes.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>The most data that was in flight, in bytes.</summary>
    public required long PeakInFlightBytes { get; init; }

    /// <summary>The process's largest resident set, in bytes.</summary>
    public required long PeakRssBytes { get; init; }

    /// <summary>
    /// How much of the bundle's files was in the page cache at the end, in bytes; null when the kernel could not say.
    /// </summary>
    public long? DestinationCachedBytes { get; init; }

    /// <summary>
    /// Times that a thread of the process had to wait while it copied until a page was read from a disk; null in
    /// receipts that do not tell.
    /// </summary>
    public long? MajorFaults { get; init; }

    /// <summary>How long the run took, in seconds; what a canary measured before it is not counted.</summary>
    public required double Seconds { get; init; }
}
