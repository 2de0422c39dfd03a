namespace BundleCopier.Native;

/// <summary>
/// Counts the requests that the disk below a directory has finished, of all programs. Reading it asks no disk and
/// allocates no memory.
/// </summary>
internal interface IDiskCounter : IDisposable
{
    /// <summary>The requests so far; null where the kernel does not tell any more.</summary>
    long? Finished();
}
