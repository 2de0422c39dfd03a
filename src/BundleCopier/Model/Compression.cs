namespace BundleCopier.Model;

/// <summary>Whether files are compressed.</summary>
public enum Compression
{
    /// <summary>Files are stored as they are.</summary>
    None,

    /// <summary>Files become LZ4 streams.</summary>
    Lz4,

    /// <summary>
    /// Files become LZ4 streams. A segment is compressed while the disk limits the speed, and stored while the
    /// processor does.
    /// </summary>
    Auto,
}
