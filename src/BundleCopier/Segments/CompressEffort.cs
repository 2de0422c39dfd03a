namespace BundleCopier.Segments;

/// <summary>How much time a compressor spends on making a segment smaller.</summary>
internal enum CompressEffort
{
    /// <summary>Do not compress: the processor is busier than the disk.</summary>
    Store,

    /// <summary>Compress the segment if a sample of it shrinks.</summary>
    Sample,

    /// <summary>Compress it.</summary>
    Compress,
}
