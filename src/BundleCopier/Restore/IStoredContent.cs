using BundleCopier.Faults;
using BundleCopier.Model;

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
    /// <returns>Null after the last unit. After damage there are no more units either.</returns>
    Result<long?, Damage> TakeUnit();

    /// <summary>
    /// Loads a unit into the scratch's lease, with the hash of its bytes. The lease's runs are data; all other bytes
    /// are zeros. With damage, the lease is not valid.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <returns>The segment in the lease; null when the unit has no segment.</returns>
    Result<long?, Damage> Load(long unit, Scratch scratch);

    /// <summary>Loads one segment; one without data has no runs.</summary>
    Damage? LoadSegment(long segment, Scratch scratch);
}
