namespace BundleCopier.Settings;

/// <summary>What to do with files that would be stored raw when not all of them fit on the disk.</summary>
public enum WhenFull
{
    /// <summary>Leave out what does not fit, the lowest priority first.</summary>
    Drop,

    /// <summary>Compress them, and leave out what does not fit then.</summary>
    Compress,
}
