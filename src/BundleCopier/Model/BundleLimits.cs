namespace BundleCopier.Model;

/// <summary>
/// What a manifest may ask for at most. A receipt has all of it, and can be read back in little memory.
/// </summary>
internal static class BundleLimits
{
    /// <summary>The ranges of one file: 2 MiB in memory.</summary>
    public const int MaxRanges = 126 * 1024;

    /// <summary>
    /// The length of a label, key or value, in characters. JSON can have six bytes for each, which is 1.5 MiB.
    /// </summary>
    public const int MaxLabelLength = 256 * 1024;

    /// <summary>The length of the path of a crashed program, in characters.</summary>
    public const int MaxExecutableLength = 1024;

    /// <summary>The number of files, also of those that patterns find.</summary>
    public const int MaxFiles = 1_000_000;

    /// <summary>The number of labels.</summary>
    public const int MaxLabels = 64 * 1024;
}
