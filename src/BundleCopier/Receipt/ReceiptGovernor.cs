using System.Text.Json.Serialization;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>How the governor held a copy back for other programs.</summary>
public sealed record ReceiptGovernor
{
    /// <summary>The profile in the settings.</summary>
    public required GovernorProfile Profile { get; init; }

    /// <summary>How often it reduced the data in flight or the rate because other programs used the disk.</summary>
    public required int DiskBackOffs { get; init; }

    /// <summary>How often it did so because tasks waited for memory.</summary>
    public required int MemoryBackOffs { get; init; }

    /// <summary>
    /// How often threads in the class SCHED_IDLE got too little processor time, and were put back into their usual
    /// class.
    /// </summary>
    public required int Starvations { get; init; }

    /// <summary>The smallest limit on the data in flight to the disk, in bytes.</summary>
    [JsonPropertyName("leastWindowBytes")]
    public required long MinWindowBytes { get; init; }

    /// <summary>The largest limit on the data in flight to the disk, in bytes.</summary>
    [JsonPropertyName("mostWindowBytes")]
    public required long MaxWindowBytes { get; init; }

    /// <summary>The lowest limit on the rate, in bytes a second; null when the rate was never limited.</summary>
    [JsonPropertyName("leastRateBytes")]
    public long? MinRateBytes { get; init; }
}
