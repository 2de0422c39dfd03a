namespace BundleCopier.Model;

/// <summary>Whether files are compressed.</summary>
public enum Compression
{
    /// <summary>Files are stored as they are.</summary>
    None,

    /// <summary>Files become LZ4 streams.</summary>
    Lz4,

    /// <summary>Files become LZ4 streams in which a segment is compressed where the disk is what is scarce, and stored where the processor is.</summary>
    Auto,
}
