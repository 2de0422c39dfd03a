using BundleCopier.Faults;

namespace BundleCopier.Restore;

/// <summary>
/// The content of one file of a bundle, however it is stored, cut into units that several threads may load at the same
/// time. What is outside of the receipt's ranges is zero.
/// </summary>
internal interface IStoredContent : IDisposable
{
    /// <summary>The size of the content.</summary>
    long SizeBytes { get; }

    /// <summary>
    /// The next unit that somebody has to load; units without data are passed over. One caller at a time.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="damage">What was found to be wrong while looking; null when nothing was.</param>
    /// <returns>False when there is no more.</returns>
    bool TakeUnit(out long unit, out Damage? damage);

    /// <summary>
    /// Loads a unit into the scratch's lease: bytes where the lease's runs say so, zeros everywhere else, and the
    /// hash of them. Nothing in the lease may be believed when there is damage.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="scratch">The caller's own.</param>
    /// <param name="damage">What is wrong; null when nothing is.</param>
    /// <returns>The segment that is in the lease; negative when the unit is none.</returns>
    long Load(long unit, Scratch scratch, out Damage? damage);

    /// <summary>Loads one segment, whatever it is stored in; a segment without data has no runs.</summary>
    Damage? LoadSegment(long segment, Scratch scratch);
}
