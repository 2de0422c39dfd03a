using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// How large the parts of a receipt may be, so that reading any receipt needs little memory. The receipts that this
/// program writes keep to <see cref="Stored"/>: <see cref="BundleLimits"/> and <see cref="ReceiptRoom"/> see to it.
/// </summary>
/// <param name="MaxTokenBytes">One text or number, with the white space around it.</param>
/// <param name="MaxHeadBytes">Everything but the files and the labels.</param>
/// <param name="MaxFileBytes">The entry of one file without its ranges.</param>
/// <param name="MaxRanges">The ranges of one file.</param>
/// <param name="MaxFiles">The files.</param>
/// <param name="MaxLabels">The labels.</param>
/// <param name="KeepsLabels">The labels are returned; otherwise they are only checked, and need no memory.</param>
/// <param name="KeepsRanges">
/// The ranges of a file belong to it; otherwise they are valid only until the next file is read.
/// </param>
internal sealed record ReceiptLimits(
    int MaxTokenBytes,
    int MaxHeadBytes,
    int MaxFileBytes,
    int MaxRanges,
    int MaxFiles,
    int MaxLabels,
    bool KeepsLabels,
    bool KeepsRanges)
{
    /// <summary>Gets each label where they are not returned; null where they are not needed.</summary>
    public Action<string, string>? TakeLabel { get; init; }

    /// <summary>The largest receipt that is read. One of 100,000 files has about 70 MB.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>For a receipt in a bundle, which another user may have written.</summary>
    public static ReceiptLimits Stored { get; } = new(
        MaxTokenBytes: 2 << 20,
        MaxHeadBytes: 1 << 20,
        MaxFileBytes: 256 * 1024,
        MaxRanges: BundleLimits.MaxRanges + ReceiptRoom.SpareRanges,
        MaxFiles: BundleLimits.MaxFiles,
        MaxLabels: BundleLimits.MaxLabels,
        KeepsLabels: false,
        KeepsRanges: true);

    /// <summary>For a caller that holds all of the receipt in memory anyway.</summary>
    public static ReceiptLimits None { get; } = new(
        MaxTokenBytes: (int)MaxBytes,
        MaxHeadBytes: (int)MaxBytes,
        MaxFileBytes: (int)MaxBytes,
        MaxRanges: int.MaxValue,
        MaxFiles: int.MaxValue,
        MaxLabels: int.MaxValue,
        KeepsLabels: true,
        KeepsRanges: true);
}
