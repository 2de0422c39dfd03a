using BundleCopier.Govern;
using BundleCopier.Settings;

namespace BundleCopier.Receipt;

/// <summary>How a copy was held back for whoever else used the machine.</summary>
public sealed record ReceiptGovernor
{
    /// <summary>What was asked for.</summary>
    public required GovernorProfile Profile { get; init; }

    /// <summary>Times that it did with less data in flight, or a lower rate, because somebody else needed the disk.</summary>
    public required int DiskBackOffs { get; init; }

    /// <summary>Times that it did so because tasks waited for memory.</summary>
    public required int MemoryBackOffs { get; init; }

    /// <summary>Times that its threads, which take only processor time that nobody else wants, got much less than they could use and took their usual place.</summary>
    public required int Starvations { get; init; }

    /// <summary>The least data in flight to the disk at which it was held, in bytes.</summary>
    public required long LeastWindowBytes { get; init; }

    /// <summary>The most data in flight to the disk at which it was held, in bytes.</summary>
    public required long MostWindowBytes { get; init; }

    /// <summary>The lowest rate at which it was held, in bytes a second; null where it never was.</summary>
    public long? LeastRateBytes { get; init; }

    internal static ReceiptGovernor Of(GovernorProfile profile, GovernorFigures figures) => new()
    {
        Profile = profile,
        DiskBackOffs = figures.DiskBackOffs,
        MemoryBackOffs = figures.MemoryBackOffs,
        Starvations = figures.Starvations,
        LeastWindowBytes = figures.LeastWindowBytes,
        MostWindowBytes = figures.MostWindowBytes,
        LeastRateBytes = figures.LeastRateBytes,
    };
}
