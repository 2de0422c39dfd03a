using BundleCopier.Faults;
using BundleCopier.Model;

namespace BundleCopier.Restore;

/// <summary>What the content of a file is read for.</summary>
internal enum ContentUse
{
    /// <summary>All of it must be right.</summary>
    Whole,

    /// <summary>Whatever of it is right.</summary>
    Salvage,

    /// <summary>To find all damage, also between the frames of a compressed file.</summary>
    Verify,
}

/// <summary>
/// The content of one file of a bundle, stored raw or compressed, divided into units. Several threads can load units at
/// the same time. Bytes outside of the receipt's ranges are zeros.
/// </summary>
internal interface IStoredContent : IDisposable
{
    /// <summary>The size of the content.</summary>
    long SizeBytes { get; }

    /// <summary>
    /// What is wrong with the file as a whole, although its segments can be read. Only with <see
    /// cref="ContentUse.Salvage"/> and <see cref="ContentUse.Verify"/>.
    /// </summary>
    IReadOnlyList<Damage> Flaws { get; }

    /// <summary>True when the segments that load without damage are right although others are damaged.</summary>
    bool ChecksSegments { get; }

    /// <summary>
    /// Takes the next unit with data, which has a higher number than those before. One caller at a time.
    /// </summary>
    /// <param name="scratch">The calling thread's own.</param>
    /// <returns>Null after the last unit. After damage there are no more units either.</returns>
    Result<long?, Damage> TakeUnit(Scratch scratch);

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
