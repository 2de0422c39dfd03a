using BundleCopier.Faults;
using BundleCopier.Input;

namespace BundleCopier.Restore;

/// <summary>Takes bytes of a file, in order.</summary>
/// <param name="bytes">The bytes; valid only during the call.</param>
/// <returns>False when no more bytes are wanted.</returns>
public delegate bool ContentSink(ReadOnlySpan<byte> bytes);

/// <summary>How reading a part of a file ended.</summary>
public abstract record CatReport
{
    private CatReport()
    {
    }

    /// <summary>Every byte that was asked for was handed over, or the sink wanted no more.</summary>
    /// <param name="HasMissing">Some of them are zeros only because the bundle does not have them.</param>
    public sealed record Done(bool HasMissing) : CatReport
    {
        /// <summary>
        /// Some bytes could not be checked: they are a part of a raw file whose segments have no checksums, or the file
        /// was copied without a checksum.
        /// </summary>
        public bool IsUnchecked { get; init; }

        /// <summary>
        /// What is wrong with the checksums of the file's segments, which the receipt says are there; null when nothing
        /// is.
        /// </summary>
        public Damage? SegmentsDamage { get; init; }
    }

    /// <summary>
    /// The file is damaged in the bundle. The bytes that were handed over before are right; but of a raw file whose
    /// segments have no checksums, that cannot be known.
    /// </summary>
    /// <param name="File">The file in the bundle.</param>
    /// <param name="Damage">What is wrong, and where.</param>
    public sealed record Damaged(string File, Damage Damage) : CatReport;

    /// <summary>The receipt says that nothing of the file is in the bundle.</summary>
    /// <param name="Message">Why.</param>
    public sealed record Absent(string Message) : CatReport;

    /// <summary>The bundle does not have a file of this name.</summary>
    /// <param name="Error">What is wrong and what to do.</param>
    public sealed record Invalid(InputError Error) : CatReport;

    /// <summary>There is a receipt, but it is damaged or cannot be read.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record ReceiptDamaged(InputError Error) : CatReport;

    /// <summary>There is no bundle.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoBundle(string Message) : CatReport;

    /// <summary>There is not enough memory to read the bundle back.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoMemory(string Message) : CatReport;
}
