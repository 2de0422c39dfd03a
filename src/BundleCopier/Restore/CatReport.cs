using BundleCopier.Faults;
using BundleCopier.Input;

namespace BundleCopier.Restore;

/// <summary>Takes bytes of a file, in order.</summary>
/// <param name="bytes">The bytes; gone when the call returns.</param>
/// <returns>False when nobody wants any more.</returns>
public delegate bool ContentSink(ReadOnlySpan<byte> bytes);

/// <summary>How reading a part of a file ended.</summary>
public abstract record CatReport
{
    private CatReport()
    {
    }

    /// <summary>Every byte that was asked for was handed over, or the sink wanted no more.</summary>
    /// <param name="HasMissing">Some of them are zeros only because the bundle does not have them.</param>
    public sealed record Done(bool HasMissing) : CatReport;

    /// <summary>What the bundle has is damaged. What was handed over before is right, of a compressed file; of a raw file nobody can tell.</summary>
    /// <param name="File">The file in the bundle.</param>
    /// <param name="Damage">What is wrong, and where.</param>
    public sealed record Damaged(string File, Damage Damage) : CatReport;

    /// <summary>The receipt says that nothing of the file is in the bundle.</summary>
    /// <param name="Message">Why.</param>
    public sealed record Absent(string Message) : CatReport;

    /// <summary>The bundle has no file of this name, or no file has such a part.</summary>
    /// <param name="Error">What is wrong and what to do.</param>
    public sealed record Invalid(InputError Error) : CatReport;

    /// <summary>There is a receipt, and it cannot be believed.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record ReceiptDamaged(InputError Error) : CatReport;

    /// <summary>There is no bundle.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoBundle(string Message) : CatReport;
}
