using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier;

/// <summary>
/// How a copy ended. There is no third outcome: either a bundle is committed, or this says why there is none.
/// </summary>
public abstract record CopyResult
{
    private CopyResult()
    {
    }

    /// <summary>A bundle is on disk under its own name, as whole as its receipt says.</summary>
    /// <param name="Path">The bundle's directory.</param>
    /// <param name="Receipt">What it holds.</param>
    public sealed record Committed(string Path, BundleReceipt Receipt) : CopyResult;

    /// <summary>Nothing is committed.</summary>
    /// <param name="Refusal">Why, and what to do.</param>
    public sealed record Refused(Refusal Refusal) : CopyResult;

    /// <summary>The manifest cannot be carried out as it is; nothing was written.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record Invalid(InputError Error) : CopyResult;
}

/// <summary>How far a copy is.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="FilesDone">Files that nothing more is done for, whatever became of them.</param>
/// <param name="FilesIncomplete">How many of these are not in the bundle, or not with all of their bytes.</param>
/// <param name="FilesTotal">Files that the manifest means; 0 while they are being listed.</param>
/// <param name="DataBytes">
/// Bytes of data that nothing more is done for: nearly always because they are on disk, or were found to be zeros.
/// </param>
/// <param name="DataBytesTotal">Bytes of data in the files that have been opened so far.</param>
/// <param name="InFlightBytes">The part of the budget that is lent.</param>
/// <param name="Elapsed">Time since the start.</param>
public sealed record CopyProgress(
    CopyPhase Phase, int FilesDone, int FilesIncomplete, int FilesTotal, long DataBytes, long DataBytesTotal, long InFlightBytes, TimeSpan Elapsed);

/// <summary>What a copy is doing.</summary>
public enum CopyPhase
{
    /// <summary>Finding out which files there are.</summary>
    Listing,

    /// <summary>Making the bundle's directory.</summary>
    Preparing,

    /// <summary>Copying.</summary>
    Copying,

    /// <summary>Writing the receipt and giving the bundle its name.</summary>
    Committing,

    /// <summary>Nothing any more: the bundle is committed. A copy that ends without one never says so.</summary>
    Done,
}
