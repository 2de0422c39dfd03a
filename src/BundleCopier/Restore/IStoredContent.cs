using BundleCopier.Faults;

namespace BundleCopier.Restore;

/// <summary>
/// The content of one file of a bundle, stored raw or compressed, divided into units. Several threads can load units at
/// the same time. Bytes outside of the receipt's ranges are zeros.
/// </summary>
internal interface IStoredContent : IDisposable
{
    /// <summary>The size of the content.</summary>
    long SizeBytes { get; }

    /// <summary>Takes the next unit with data. One caller at a time.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="damage">What is wrong; null when nothing is.</param>
    /// <returns>False after the last unit.</returns>
    bool TakeUnit(out long unit, out Damage? damage);

    /// <summary>
    /// Loads a unit into the scratch's lease, with the hash of its bytes. The lease's runs are data; all other bytes
    /// are zeros. With damage, the lease is not valid.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <param name="damage">What is wrong; null when nothing is.</param>
    /// <returns>The segment in the lease; negative when the unit has no segment.</returns>
    long Load(long unit, Scratch scratch, out Damage? damage);

    /// <summary>Loads one segment; one without data has no runs.</summary>
    Damage? LoadSegment(long segment, Scratch scratch);
}
