namespace BundleCopier.Restore;

/// <summary>How far reading a bundle back is.</summary>
/// <param name="FilesDone">Files that are finished.</param>
/// <param name="FilesTotal">Files that are to be read.</param>
/// <param name="StoredBytes">
/// Bytes that were read of their stored form: without holes, and compressed where the file is compressed.
/// </param>
/// <param name="StoredBytesTotal">All such bytes.</param>
/// <param name="Elapsed">Time since the start.</param>
public sealed record RestoreProgress(
    int FilesDone, int FilesTotal, long StoredBytes, long StoredBytesTotal, TimeSpan Elapsed)
{
    /// <summary>The name of the file that was begun last; null before the first one.</summary>
    public string? CurrentFile { get; init; }
}
