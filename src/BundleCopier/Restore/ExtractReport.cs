using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>What became of one file that was to be restored.</summary>
public enum RestoreKind
{
    /// <summary>It is restored, and every byte was checked.</summary>
    Restored,

    /// <summary>It is restored; it was copied without a checksum, so its content could not be checked.</summary>
    Unchecked,

    /// <summary>The part of it that is in the bundle is restored; the rest is a hole.</summary>
    Partial,

    /// <summary>Nothing of it is in the bundle, as the receipt says.</summary>
    Absent,

    /// <summary>It is damaged in the bundle; nothing of it is left in the destination.</summary>
    Damaged,

    /// <summary>It could not be written; nothing of it is left in the destination.</summary>
    Failed,

    /// <summary>It is damaged in the bundle; what is right of it is restored, and the rest is a hole.</summary>
    Kept,

    /// <summary>Something has its name in the destination already, and is left as it is.</summary>
    Existing,
}

/// <summary>What became of one file that was to be restored.</summary>
/// <param name="File">Its entry in the receipt.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Message">What is wrong and what to do, for a person; empty where nothing is.</param>
public sealed record FileRestoration(ReceiptFile File, RestoreKind Kind, string Message)
{
    /// <summary>All that is damaged; null when nothing is.</summary>
    public FileDamage? AllDamage { get; init; }

    /// <summary>What is damaged first, and where; null when nothing is.</summary>
    public Damage? Damage => AllDamage?.First;

    /// <summary>
    /// What was to be restored beside the content and is not, and why: mode, owner, times, attributes. Empty where
    /// nothing is missing, or nothing was asked for.
    /// </summary>
    public IReadOnlyList<string> NotPreserved { get; init; } = [];
}

/// <summary>How a bundle was restored.</summary>
public abstract record ExtractReport
{
    private ExtractReport()
    {
    }

    /// <summary>Every file was tried.</summary>
    /// <param name="Counts">How many files became what.</param>
    /// <param name="SyncProblem">
    /// Why restored files may be gone after a power cut, and what to do: a directory could not be synced. Null when
    /// all of them were.
    /// </param>
    public sealed record Done(IReadOnlyDictionary<RestoreKind, int> Counts, string? SyncProblem) : ExtractReport
    {
        /// <summary>The facts about processes that were not restored, and why.</summary>
        public IReadOnlyList<FactFailure> FailedFacts { get; init; } = [];

        /// <summary>How many facts about processes were there already, and left as they are.</summary>
        public int ExistingFacts { get; init; }

        /// <summary>Of how many files not all of mode, owner, times and attributes could be restored.</summary>
        public int NotPreserved { get; init; }

        /// <summary>The bundle's name in the receipt.</summary>
        internal string Bundle { get; init; } = "";

        /// <summary>What the receipt says of the chosen files, added up.</summary>
        internal SavedBytes Saved { get; init; }

        /// <summary>What is missing, by reason, the largest first. Empty where some files were chosen.</summary>
        internal IReadOnlyList<ReceiptMissing> Missing { get; init; } = [];

        /// <summary>How many files became this.</summary>
        /// <param name="kind">What.</param>
        public int Count(RestoreKind kind) => Counts.GetValueOrDefault(kind);
    }

    /// <summary>The bundle does not have a file of this name. Nothing was written.</summary>
    /// <param name="Error">Which name, and what was probably meant.</param>
    public sealed record Invalid(InputError Error) : ExtractReport;

    /// <summary>The destination cannot be used, or has one of the files already. Nothing was written.</summary>
    /// <param name="Message">What is wrong and what to do.</param>
    public sealed record Refused(string Message) : ExtractReport;

    /// <summary>There is a receipt, but it is damaged or cannot be read.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record ReceiptDamaged(InputError Error) : ExtractReport;

    /// <summary>There is no bundle.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoBundle(string Message) : ExtractReport;

    /// <summary>There is not enough memory to read the bundle back. Nothing was written.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoMemory(string Message) : ExtractReport;
}

/// <summary>A fact about a process that was not restored.</summary>
/// <param name="Name">Its path in the bundle.</param>
/// <param name="IsDamaged">It is not what was written; otherwise the destination could not be written.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record FactFailure(string Name, bool IsDamaged, string Message);
