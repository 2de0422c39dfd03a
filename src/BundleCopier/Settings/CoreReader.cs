namespace BundleCopier.Settings;

/// <summary>Where the bytes of a core come from.</summary>
public enum CoreReader
{
    /// <summary>The kernel's stream.</summary>
    Kernel,

    /// <summary>
    /// The memory of the process, which stands still while the kernel waits for its dump to be read. Only the headers
    /// and the notes are the kernel's. Where the memory cannot be read, the kernel's stream is.
    /// </summary>
    Memory,
}
