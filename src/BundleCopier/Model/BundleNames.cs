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

    /// <summary>The directory of the facts about processes, in the bundle's directory.</summary>
    public const string Facts = "facts";

    /// <summary>
    /// A file that a user makes in a bundle's directory, so that nothing removes the bundle but the user.
    /// </summary>
    public const string Keep = "keep";

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
    private const string ReplacedSuffix = ".replaced";
    private const string ExpiredSuffix = ".expired";
    private const int RandomLength = 32; // of a Guid, as hexadecimal digits

    /// <summary>The path of a file's output below <see cref="Files"/>.</summary>
    public static string Output(string name, bool isCompressed) => isCompressed ? name + CompressedSuffix : name;

    /// <summary>The name of a bundle's directory until the bundle is committed.</summary>
    public static string Partial(string bundle) => $".{bundle}{PartialSuffix}";

    /// <summary>A new hidden name for a bundle that a newer one has replaced, and that is being removed.</summary>
    public static string Replaced(string bundle) => $".{bundle}{ReplacedSuffix}.{Guid.NewGuid():n}";

    /// <summary>A new hidden name for a bundle that retention removes.</summary>
    public static string Expired(string name) => $".{name.TrimStart('.')}{ExpiredSuffix}.{Guid.NewGuid():n}";

    /// <summary>True when a directory of this name was being removed.</summary>
    public static bool IsCondemned(string name)
    {
        int end = name.Length - RandomLength - 1;
        return end > 0
            && name[0] == '.'
            && name[end] == '.'
            && !name.AsSpan(end + 1).ContainsAnyExcept("0123456789abcdef")
            && (name[..end].EndsWith(ReplacedSuffix, StringComparison.Ordinal)
                || name[..end].EndsWith(ExpiredSuffix, StringComparison.Ordinal));
    }

    /// <summary>The name from which <see cref="Partial"/> made another one.</summary>
    public static string BundleOfPartial(string partial) => partial[1..^PartialSuffix.Length];

    /// <summary>True when a copy makes something of this name in the directory of its bundle.</summary>
    public static bool IsMadeByCopy(string name) => name is Files or Receipt or SegmentChecksums or Journal or Facts;

    /// <summary>True when a directory of this name may be a bundle that is not committed.</summary>
    public static bool IsPartial(string name) =>
        name.StartsWith('.') && name.EndsWith(PartialSuffix, StringComparison.Ordinal);
}
