namespace BundleCopier.Govern;

/// <summary>How hard a copy works at this moment.</summary>
/// <param name="Writers">How many writers are given work.</param>
/// <param name="Readers">How many readers are.</param>
/// <param name="Pieces">
/// Writes that are in flight at once where none has to be waited for: while the one is written, the next is on its way, and the disk need
/// not wait for anybody. Those who write share them, each from its next order on; all may be one writer's.
/// </param>
/// <param name="PieceBytes">The most that one write hands to the disk; a neighbour's write waits for no more than the pieces before it.</param>
/// <param name="RateBytes">The most that is written a second; null for no limit.</param>
/// <param name="MaxSegments">Segments that may be on their way at once.</param>
/// <param name="MaxLeases">Leases that may be out at once; each is memory that is not touched otherwise.</param>
/// <param name="IsLowered">The copying threads only get processor time that nobody else wants (SCHED_IDLE, sched(7)).</param>
internal readonly record struct IoLimits(
    int Writers, int Readers, int Pieces, int PieceBytes, long? RateBytes, int MaxSegments, int MaxLeases, bool IsLowered)
{
    /// <summary>The most there are of <see cref="Pieces"/>: as many as one thread that reads meanwhile can keep up (docs/benchmarks/decisions.md).</summary>
    public const int MaxPieces = 8;

    /// <summary>The most data in flight to the disk; writers that wait have one piece each.</summary>
    public long WindowBytes => (long)Math.Max(Pieces, Writers) * PieceBytes;
}
