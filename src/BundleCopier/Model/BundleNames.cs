namespace BundleCopier.Model;

/// <summary>The names that a copy makes at its destination.</summary>
internal static class BundleNames
{
    /// <summary>The receipt, in the bundle's directory.</summary>
    public const string Receipt = "receipt.json";

    /// <summary>The hashes of the segments of raw files, in the bundle's directory.</summary>
    public const string SegmentChecksums = "checksums";

    /// <summary>What is on disk so far, in the directory of a bundle that is not committed.</summary>
    public const string Journal = "journal";

    /// <summary>The directory of the copied files, in the bundle's directory.</summary>
    public const string Files = "files";

    /// <summary>The start of each path of a copied file in the bundle.</summary>
    public const string FilesPrefix = $"{Files}/";

    /// <summary>The end of a compressed file's name.</summary>
    public const string CompressedSuffix = ".lz4";

    /// <summary>In a receipt's <c>durability</c>: the filesystem does not sync directories.</summary>
    public const string UnsyncedDirectories = "directory-names";

    /// <summary>
    /// In a receipt's <c>durability</c>: the filesystem fixes owner or mode, so other users may read the bundle.
    /// </summary>
    public const string NotPrivate = "private";

    private const string PartialSuffix = ".partial";

    /// <summary>The path of a file's output below <see cref="Files"/>.</summary>
    public static string Output(string name, bool isCompressed) => isCompressed ? name + CompressedSuffix : name;

    /// <summary>The name of a bundle's directory until the bundle is committed.</summary>
    public static string Partial(string bundle) => $".{bundle}{PartialSuffix}";

    /// <summary>True when a directory of this name may be a bundle that is not committed.</summary>
    public static bool IsPartial(string name) =>
        name.StartsWith('.') && name.EndsWith(PartialSuffix, StringComparison.Ordinal);
}
