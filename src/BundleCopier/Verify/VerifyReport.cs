using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier.Verify;

/// <summary>What was found out about one file of a bundle.</summary>
public enum VerdictKind
{
    /// <summary>Every byte that the receipt lists is what was written.</summary>
    Intact,

    /// <summary>It is there and has the right size, and there is no checksum that could tell more.</summary>
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
    /// <summary>What is damaged and where; null when nothing is.</summary>
    public Damage? Damage { get; init; }

    internal static FileVerdict Of(ReceiptFile file, Damage damage) => new(file, VerdictKind.Damaged, damage.Message) { Damage = damage };
}

/// <summary>What was found out about a bundle.</summary>
public abstract record VerifyReport
{
    private VerifyReport()
    {
    }

    /// <summary>The bundle was read back.</summary>
    /// <param name="Receipt">What should be in it.</param>
    /// <param name="Verdicts">What was found, a verdict for each file of the receipt.</param>
    public sealed record Done(BundleReceipt Receipt, IReadOnlyList<FileVerdict> Verdicts) : VerifyReport
    {
        /// <summary>How many files were found to be so.</summary>
        /// <param name="kind">How.</param>
        public int Count(VerdictKind kind) => Verdicts.Count(v => v.Kind == kind);
    }

    /// <summary>There is a receipt, and it cannot be believed.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record ReceiptDamaged(InputError Error) : VerifyReport;

    /// <summary>There is no bundle to verify.</summary>
    /// <param name="Message">What is missing, and what to do.</param>
    public sealed record NoBundle(string Message) : VerifyReport;
}
