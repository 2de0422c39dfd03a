namespace BundleCopier;

/// <summary>How far a copy is.</summary>
/// <param name="Phase">What the copy is doing.</param>
/// <param name="FilesDone">Files that are finished, copied or not.</param>
/// <param name="FilesIncomplete">How many of these are missing from the bundle, wholly or in part.</param>
/// <param name="FilesTotal">Files that the manifest names; 0 while they are being listed.</param>
/// <param name="DataBytes">Bytes of data that are finished. Nearly all are on disk, or were found to be zeros.</param>
/// <param name="DataBytesTotal">Bytes of data in the files that have been opened so far.</param>
/// <param name="InFlightBytes">The part of the budget that is in use.</param>
/// <param name="Elapsed">Time since the start.</param>
/// <param name="UntilDeadline">Time that is left until the deadline; null where there is none.</param>
public sealed record CopyProgress(
    CopyPhase Phase,
    int FilesDone,
    int FilesIncomplete,
    int FilesTotal,
    long DataBytes,
    long DataBytesTotal,
    long InFlightBytes,
    TimeSpan Elapsed,
    TimeSpan? UntilDeadline = null)
{
    /// <summary>The name in the bundle of the most important file that is being copied; null where there is none.
    /// </summary>
    public string? CurrentFile { get; init; }

    /// <summary>What holds the copy back now; null for nothing.</summary>
    public CopyHold? HeldBackBy { get; init; }
}
