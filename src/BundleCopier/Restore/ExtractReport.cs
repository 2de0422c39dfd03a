using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>What became of one file that was to be restored.</summary>
public enum RestoreKind
{
    /// <summary>It is there, and every byte was checked.</summary>
    Restored,

    /// <summary>It is there; it was copied without a checksum, so nobody can tell whether it is right.</summary>
    Unchecked,

    /// <summary>What the bundle has of it is there; the rest is a hole.</summary>
    Partial,

    /// <summary>The bundle has nothing of it, as the receipt says.</summary>
    Absent,

    /// <summary>What the bundle has of it is damaged; nothing of it is left behind.</summary>
    Damaged,

    /// <summary>It could not be written; nothing of it is left behind.</summary>
    Failed,
}

/// <summary>What became of one file that was to be restored.</summary>
/// <param name="File">Its entry in the receipt.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Message">What is wrong and what to do, for a person; empty where nothing is.</param>
public sealed record FileRestoration(ReceiptFile File, RestoreKind Kind, string Message)
{
    /// <summary>What is damaged and where; null when nothing is.</summary>
    public Damage? Damage { get; init; }
}

/// <summary>How a bundle was restored.</summary>
public abstract record ExtractReport
{
    private ExtractReport()
    {
    }

    /// <summary>Every file was tried.</summary>
    /// <param name="Receipt">The bundle's receipt.</param>
    /// <param name="Files">What became of them, in the order of the receipt.</param>
    public sealed record Done(BundleReceipt Receipt, IReadOnlyList<FileRestoration> Files) : ExtractReport
    {
        /// <summary>How many files that became of.</summary>
        /// <param name="kind">What.</param>
        public int Count(RestoreKind kind) => Files.Count(f => f.Kind == kind);
    }

    /// <summary>A name was asked for that the bundle does not have. Nothing was written.</summary>
    /// <param name="Error">Which, and what was probably meant.</param>
    public sealed record Invalid(InputError Error) : ExtractReport;

    /// <summary>The destination cannot be used, or a file is there already. Nothing was written.</summary>
    /// <param name="Message">What is wrong and what to do.</param>
    public sealed record Refused(string Message) : ExtractReport;

    /// <summary>There is a receipt, and it cannot be believed.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record ReceiptDamaged(InputError Error) : ExtractReport;

    /// <summary>There is no bundle.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoBundle(string Message) : ExtractReport;
}
