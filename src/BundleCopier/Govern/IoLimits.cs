namespace BundleCopier.Govern;

/// <summary>How hard a copy may work at this moment.</summary>
/// <param name="Writers">Writers that are given work.</param>
/// <param name="Readers">Readers that are given work.</param>
/// <param name="Pieces">
/// Writes in flight at once where they overlap; all writers share them. While the disk writes one piece, the next is
/// already in flight.
/// </param>
/// <param name="PieceBytes">
/// The most that one write hands to the disk: a neighbour's write waits for no more than the pieces before it.
/// </param>
/// <param name="RateBytes">The most that is written a second; null for no limit.</param>
/// <param name="MaxSegments">Segments that may be in flight at once.</param>
/// <param name="MaxLeases">Leases that may be out at once; each is memory that is not touched otherwise.</param>
/// <param name="IsLowered">
/// The copying threads only get processor time that no other thread wants (SCHED_IDLE, sched(7)).
/// </param>
internal sealed record IoLimits(
    int Writers,
    int Readers,
    int Pieces,
    int PieceBytes,
    long? RateBytes,
    int MaxSegments,
    int MaxLeases,
    bool IsLowered)
{
    /// <summary>Why the copy is held back below its best limits; null where it is not.</summary>
    public Strain? HeldBackBy { get; init; }

    /// <summary>
    /// The most there are of <see cref="Pieces"/>: as many as one thread that also reads can keep up
    /// (docs/decisions).
    /// </summary>
    public const int MaxPieces = 8;

    /// <summary>The most data in flight to the disk, in bytes; a writer that waits has one piece in flight.</summary>
    public long WindowBytes => (long)Math.Max(Pieces, Writers) * PieceBytes;

    /// <summary>True when writes under these limits feel the same to the disk as under the others.</summary>
    public bool IsSameForDisk(IoLimits other) =>
        (Writers, Pieces, PieceBytes, RateBytes) == (other.Writers, other.Pieces, other.PieceBytes, other.RateBytes);
}
