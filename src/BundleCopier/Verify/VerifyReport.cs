using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier.Verify;

/// <summary>What was found out about one file of a bundle.</summary>
public enum VerdictKind
{
    /// <summary>Every byte that the receipt lists is what was written.</summary>
    Intact,

    /// <summary>It has the right size, and no checksum to compare its content with.</summary>
    Unknown,

    /// <summary>It is not what was written.</summary>
    Damaged,

    /// <summary>The receipt says that nothing of it is in the bundle.</summary>
    Absent,
}

/// <summary>What was found out about one file of a bundle.</summary>
/// <param name="File">Its entry in the receipt.</param>
/// <param name="Kind">What was found.</param>
/// <param name="Message">What is wrong, for a person; empty where nothing is.</param>
public sealed record FileVerdict(ReceiptFile File, VerdictKind Kind, string Message)
{
    /// <summary>All that is damaged; null when nothing is.</summary>
    public FileDamage? AllDamage { get; init; }

    /// <summary>What is damaged first, and where; null when nothing is.</summary>
    public Damage? Damage => AllDamage?.First;

    /// <summary>
    /// What is wrong with the checksums of the file's segments, in the bundle's file <c>checksums</c>; null when
    /// nothing is. The file itself can be intact.
    /// </summary>
    public Damage? SegmentsDamage { get; init; }

    internal static FileVerdict Of(ReceiptFile file, FileDamage damage) =>
        new(file, VerdictKind.Damaged, damage.First.Message) { AllDamage = damage };
}

/// <summary>What was found out about a bundle.</summary>
public abstract record VerifyReport
{
    private VerifyReport()
    {
    }

    /// <summary>The bundle was read back.</summary>
    /// <param name="CopyStatus">How the copy ended, as the receipt says.</param>
    /// <param name="PartialFiles">
    /// How many files were copied only in part, and compared as far as the receipt says.
    /// </param>
    /// <param name="Counts">How many files got each verdict.</param>
    public sealed record Done(
        BundleStatus CopyStatus, int PartialFiles, IReadOnlyDictionary<VerdictKind, int> Counts) : VerifyReport
    {
        /// <summary>Of how many files the checksums of the segments are missing or damaged.</summary>
        public int DamagedSegmentChecksums { get; init; }

        /// <summary>The facts about processes that are not what was written.</summary>
        public IReadOnlyList<FactDamage> DamagedFacts { get; init; } = [];

        /// <summary>
        /// All that was wanted is in the bundle and is right: the copy was complete, the receipt says of every file
        /// that it was copied and of nothing that it is missing, and every file is intact.
        /// </summary>
        public bool IsComplete => CopyStatus == BundleStatus.Complete
            && Missing.Count == 0
            && Saved.WholeFiles == Saved.Files
            && Count(VerdictKind.Intact) == Saved.Files
            && DamagedSegmentChecksums + DamagedFacts.Count == 0;

        /// <summary>The bundle's name in the receipt.</summary>
        internal string Bundle { get; init; } = "";

        /// <summary>What the receipt says is saved and missing.</summary>
        internal SavedBytes Saved { get; init; }

        /// <summary>What is missing, by reason, the largest first.</summary>
        internal IReadOnlyList<ReceiptMissing> Missing { get; init; } = [];

        /// <summary>How many files got a verdict.</summary>
        /// <param name="kind">The verdict.</param>
        public int Count(VerdictKind kind) => Counts.GetValueOrDefault(kind);
    }

    /// <summary>There is a receipt, but it is damaged or cannot be read.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record ReceiptDamaged(InputError Error) : VerifyReport;

    /// <summary>There is no bundle to verify.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoBundle(string Message) : VerifyReport;

    /// <summary>There is not enough memory to read the bundle back.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoMemory(string Message) : VerifyReport;
}

/// <summary>A fact about a process that is not what was written.</summary>
/// <param name="Name">Its path in the bundle.</param>
/// <param name="Message">What is wrong, for a person.</param>
public sealed record FactDamage(string Name, string Message);
