using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>Why a governor held a copy back.</summary>
internal enum Strain
{
    /// <summary>The copy's own writes took much longer than their best: another program needs the disk.</summary>
    Disk,

    /// <summary>Tasks of the machine waited for memory.</summary>
    Memory,
}

/// <summary>What a governor did so far.</summary>
/// <param name="DiskBackOffs">Times that it held the copy back because of the disk.</param>
/// <param name="MemoryBackOffs">Times that it held the copy back because of memory.</param>
/// <param name="Starvations">
/// Times that the copying threads took their usual place among others, because they got much less time than they
/// could use.
/// </param>
/// <param name="MinWindowBytes">The least data in flight to the disk that it allowed.</param>
/// <param name="MaxWindowBytes">The most.</param>
/// <param name="MinRateBytes">
/// The lowest rate that it allowed, in bytes a second; null where it never limited the rate.
/// </param>
internal readonly record struct GovernorFigures(
    int DiskBackOffs, int MemoryBackOffs, int Starvations, long MinWindowBytes, long MaxWindowBytes, long? MinRateBytes)
{
    /// <summary>The figures as the receipt has them.</summary>
    public ReceiptGovernor ToReceipt(GovernorProfile profile) => new()
    {
        Profile = profile,
        DiskBackOffs = DiskBackOffs,
        MemoryBackOffs = MemoryBackOffs,
        Starvations = Starvations,
        MinWindowBytes = MinWindowBytes,
        MaxWindowBytes = MaxWindowBytes,
        MinRateBytes = MinRateBytes,
    };
}

/// <summary>Keeps count of what a governor does, for the receipt.</summary>
internal sealed class GovernorTally
{
    public GovernorFigures Figures { get; private set; } = new() { MinWindowBytes = long.MaxValue };

    public void Limited(IoLimits limits) => Figures = Figures with
    {
        MinWindowBytes = Math.Min(Figures.MinWindowBytes, limits.WindowBytes),
        MaxWindowBytes = Math.Max(Figures.MaxWindowBytes, limits.WindowBytes),
        MinRateBytes = limits.RateBytes is { } rate ? Math.Min(Figures.MinRateBytes ?? long.MaxValue, rate)
            : Figures.MinRateBytes,
    };

    public void BackedOff(Strain strain) => Figures = strain == Strain.Disk
        ? Figures with { DiskBackOffs = Figures.DiskBackOffs + 1 }
        : Figures with { MemoryBackOffs = Figures.MemoryBackOffs + 1 };

    public void Starved() => Figures = Figures with { Starvations = Figures.Starvations + 1 };
}
