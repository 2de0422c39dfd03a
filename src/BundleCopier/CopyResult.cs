using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier;

/// <summary>How a copy ended: a bundle is committed, or this says why there is none.</summary>
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
/// <param name="Phase">What the copy is doing.</param>
/// <param name="FilesDone">Files that are finished, copied or not.</param>
/// <param name="FilesIncomplete">How many of these are missing from the bundle, wholly or in part.</param>
/// <param name="FilesTotal">Files that the manifest names; 0 while they are being listed.</param>
/// <param name="DataBytes">Bytes of data that are finished. Nearly all are on disk, or were found to be zeros.</param>
/// <param name="DataBytesTotal">Bytes of data in the files that have been opened so far.</param>
/// <param name="InFlightBytes">The part of the budget that is in use.</param>
/// <param name="Elapsed">Time since the start.</param>
public sealed record CopyProgress(
    CopyPhase Phase,
    int FilesDone,
    int FilesIncomplete,
    int FilesTotal,
    long DataBytes,
    long DataBytesTotal,
    long InFlightBytes,
    TimeSpan Elapsed);

/// <summary>What a copy is doing.</summary>
public enum CopyPhase
{
    /// <summary>Listing the files.</summary>
    Listing,

    /// <summary>Making the bundle's directory.</summary>
    Preparing,

    /// <summary>Copying.</summary>
    Copying,

    /// <summary>Writing the receipt and giving the bundle its name.</summary>
    Committing,

    /// <summary>The bundle is committed. A copy that ends without a bundle does not reach this phase.</summary>
    Done,
}
