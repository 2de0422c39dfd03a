using BundleCopier.Model;

namespace BundleCopier.Govern;

/// <summary>
/// Between which limits a profile turns the dials. The figures are measured, see docs/decisions/0010-profiles.md.
/// </summary>
/// <param name="Writers">How many writers are given work.</param>
/// <param name="Pieces">Writes that are in flight at once.</param>
/// <param name="MinWindowBytes">The least data in flight to the disk, however busy it is.</param>
/// <param name="MaxWindowBytes">The most.</param>
/// <param name="MaxSegments">
/// Segments that may be on their way at once: with fewer than six, the disk waits for the supervisor between two
/// segments.
/// </param>
/// <param name="Tolerance">How many times the best latency is still called calm.</param>
/// <param name="MinShare">
/// The least rate, as a share of the best that was reached: what a neighbour cannot push the copy below.
/// </param>
/// <param name="IsLowered">The copying threads start with what processor time nobody else wants.</param>
/// <param name="StarvedShare">
/// The share of the processor time which its threads could use below which a copy is called starved, and takes its
/// place among the others again. Between saturated processors SCHED_IDLE gets 0.3 % of one.
/// </param>
internal sealed record ProfileLimits(
    int Writers,
    int Pieces,
    long MinWindowBytes,
    long MaxWindowBytes,
    int MaxSegments,
    double Tolerance,
    double MinShare,
    bool IsLowered,
    double StarvedShare)
{
    private const long KiB = 1 << 10;

    /// <summary>The limits of a profile.</summary>
    /// <param name="profile">Which one.</param>
    /// <param name="writers">Writers that there are.</param>
    public static ProfileLimits Of(GovernorProfile profile, int writers)
    {
        // More than four make neighbours wait longer than the usual recipe does, for a tenth more speed
        // (docs/decisions/0010-profiles.md).
        int many = Math.Clamp(2 * writers, 4, IoLimits.MaxPieces);
        long all = many * SegmentGrid.SegmentBytes;
        return profile switch
        {
            GovernorProfile.Gentle =>
                new(1, Pieces: 2, 128 * KiB, 512 * KiB, MaxSegments: 6, Tolerance: 2, MinShare: 0.25, IsLowered: true,
                StarvedShare: 0.02),
            GovernorProfile.Balanced =>
                new(1, Pieces: 4, 256 * KiB, 4 * 448 * KiB, MaxSegments: int.MaxValue, Tolerance: 3, MinShare: 0.5,
                IsLowered: true, StarvedShare: 0.3),
            GovernorProfile.Full =>
                new(writers, many, all, all, MaxSegments: int.MaxValue, Tolerance: double.PositiveInfinity,
                MinShare: 1, IsLowered: true, StarvedShare: 0.5),
            _ => throw new ArgumentOutOfRangeException(nameof(profile)),
        };
    }
}
