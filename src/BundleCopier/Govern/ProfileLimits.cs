using BundleCopier.Model;

namespace BundleCopier.Govern;

/// <summary>
/// The range in which the governor of a profile moves its limits. The figures are measured, see
/// docs/decisions/0010-profiles.md.
/// </summary>
/// <param name="Writers">Number of writers that get work.</param>
/// <param name="Pieces">Number of writes that are in flight at once.</param>
/// <param name="MinWindowBytes">Minimum data in flight to the disk, however busy the disk is.</param>
/// <param name="MaxWindowBytes">Maximum data in flight to the disk.</param>
/// <param name="MaxSegments">
/// Segments that may be in flight at once: with fewer than six, the disk waits for the supervisor between two
/// segments.
/// </param>
/// <param name="Tolerance">A latency of more than this many times the best one is strain.</param>
/// <param name="MinShare">
/// Minimum rate, as a share of the best rate that was reached. Other programs cannot push the copy below it.
/// </param>
/// <param name="IsLowered">The copying threads start at the lowest priority (SCHED_IDLE).</param>
/// <param name="StarvedShare">
/// A copy starves when its threads get less than this share of the processor time that they could use; they then go
/// back to their usual priority. On saturated processors SCHED_IDLE gets 0.3 % of one.
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
    /// <param name="profile">The profile.</param>
    /// <param name="writers">Number of writers.</param>
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
