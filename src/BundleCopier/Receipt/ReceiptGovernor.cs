using System.Text.Json.Serialization;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>How a copy was held back for whoever else used the machine.</summary>
public sealed record ReceiptGovernor
{
    /// <summary>What was asked for.</summary>
    public required GovernorProfile Profile { get; init; }

    /// <summary>
    /// Times that it did with less data in flight, or a lower rate, because somebody else needed the disk.
    /// </summary>
    public required int DiskBackOffs { get; init; }

    /// <summary>Times that it did so because tasks waited for memory.</summary>
    public required int MemoryBackOffs { get; init; }

    /// <summary>
    /// Times that its threads, which take only processor time that nobody else wants, got much less than they could
    /// use and took their usual place.
    /// </summary>
    public required int Starvations { get; init; }

    /// <summary>The least data in flight to the disk at which it was held, in bytes.</summary>
    [JsonPropertyName("leastWindowBytes")]
    public required long MinWindowBytes { get; init; }

    /// <summary>The most data in flight to the disk at which it was held, in bytes.</summary>
    [JsonPropertyName("mostWindowBytes")]
    public required long MaxWindowBytes { get; init; }

    /// <summary>The lowest rate at which it was held, in bytes a second; null where it never was.</summary>
    [JsonPropertyName("leastRateBytes")]
    public long? MinRateBytes { get; init; }
}
